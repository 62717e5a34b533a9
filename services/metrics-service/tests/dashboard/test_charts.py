"""Charts say in words what they draw, draw nothing over a hidden figure, and let no name become markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from metrics_service.dashboard.bar_chart import bar_chart
from metrics_service.dashboard.charts import funnel_chart, trend_chart
from metrics_service.dashboard.page import Band, Row, Shown
from metrics_service.domain.comparison import Funnel

SVG = "{http://www.w3.org/2000/svg}"


def rows(*numbers: float | None) -> Sequence[Row]:
    names = ("Jan 2020", "Feb 2020", "Mar 2020", "Apr 2020", "May 2020")
    return [Row(name, "", Shown(f"{number}%", "", number, 100)) for name, number in zip(names, numbers, strict=False)]


def drawn(chart: object) -> ET.Element:
    assert chart is not None
    # The namespace of HTML documents is implied there, and has to be said here.
    return ET.fromstring(str(chart).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def test_a_line_breaks_over_a_hidden_figure() -> None:
    chart = drawn(trend_chart("Plans", "%", rows(10, 20, None, 40, 50), None))
    lines = chart.findall(f"{SVG}polyline")
    assert [len(str(line.get("points")).split()) for line in lines] == [2, 2]
    assert len(chart.findall(f"{SVG}circle")) == 4


def test_higher_figures_stand_higher_and_the_band_lies_between_its_ends() -> None:
    chart = drawn(trend_chart("Plans", "%", rows(0, 100), Band(25, 75, "25% to 75% in 2020/21", "", "5.9")))
    low, high = (float(str(point.get("cy"))) for point in chart.findall(f"{SVG}circle"))
    [band] = chart.findall(f"{SVG}rect")
    top, height = float(str(band.get("y"))), float(str(band.get("height")))
    assert high < top < top + height < low
    assert (low - high) / 2 == height
    told = chart.findtext(f"{SVG}desc")
    assert told == "From 0% in Jan 2020 to 100% in Feb 2020. The target is 25% to 75% in 2020/21."


def test_one_figure_is_no_course() -> None:
    assert trend_chart("Plans", "%", rows(10, None, None), None) is None


def test_a_funnel_has_own_points_rings_and_four_limits() -> None:
    funnel = Funnel(50, 100, share=True)
    chart = drawn(funnel_chart("Plans", "%", funnel, rows(40, 60), [(200, 45.0), (300, 55.0)]))
    classes = [each.get("class") for each in chart]
    assert classes.count("chart-point") == 2
    assert classes.count("chart-peer") == 2
    assert classes.count("chart-warning") == classes.count("chart-alarm") == 2
    assert funnel_chart("Plans", "%", funnel, rows(40), [(200, 45.0)]) is None, "two figures are no funnel"


def test_a_title_is_text() -> None:
    chart = str(trend_chart('<script>alert("1")</script>', "%", rows(10, 20), None))
    assert "<script" not in chart
    assert re.search("&lt;script", chart)


def test_bars_say_what_they_show_and_leave_out_what_is_not_known() -> None:
    bars = [("2020/21", 26.0, 15.8), ("2021/22", None, None), ("2022/23", 40.0, None)]
    chart = bar_chart("hours", "Hours by year", bars)
    assert chart is not None
    drawn = ET.fromstring(chart)
    assert [len(drawn.findall(f".//*[@class='{name}']")) for name in ("chart-bar", "chart-mark")] == [2, 1]
    assert "2020/21: 26, of 15.8. 2021/22: not known. 2022/23: 40." in str(chart)
    tall = [float(each.get("height", "0")) for each in drawn.findall(".//*[@class='chart-bar']")]
    assert 0 < tall[0] < tall[1]


def test_nothing_to_show_is_no_chart() -> None:
    assert bar_chart("hours", "Hours", [("2020/21", None, 15.8)]) is None
    assert bar_chart("hours", "Hours", [("2020/21", 0.0, 15.8)]) is None
