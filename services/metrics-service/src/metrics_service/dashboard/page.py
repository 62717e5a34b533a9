"""What the pages show, as plain data: texts and numbers ready to be read, with nothing left to be worked out."""

from __future__ import annotations

from dataclasses import dataclass, field

from metrics_service.domain.comparison import Funnel, Quartiles


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure: its value in words, what it was counted from, and the number itself for charts, unless it is hidden."""

    value: str
    counted: str = ""
    number: float | None = None
    denominator: float | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A target: its ends in the unit of the measure, in words, and how the figure stands to it."""

    minimum: float | None
    maximum: float | None
    text: str
    position: str
    source: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: who or what, and its figure. `place` says how it lies in the funnel; `link` leads on."""

    name: str
    code: str
    shown: Shown
    place: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Peers: how many there are, their quartiles, where the own figure lies among them; else why there is none."""

    of: str
    quartiles: Quartiles | None
    texts: tuple[str, ...]
    own: str = ""


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure of an overview."""

    id: str
    title: str
    shown: Shown
    link: str
    band: Band | None
    change: str
    peers: str
    responsible: str
    own_position: bool
    improvement: bool
    due: str = ""


@dataclass(frozen=True, slots=True)
class ServiceSection:
    """A service of the contract with its headline, its measures, and those that somebody else answers for."""

    code: str
    name: str
    headline: MeasureLine | None
    lines: tuple[MeasureLine, ...]
    elsewhere: tuple[MeasureLine, ...]


@dataclass(frozen=True, slots=True)
class HomeNamed:
    """The care home to which the figures are narrowed: its own page, which is `path` and `query`, and that of the
    whole organisation."""

    name: str
    code: str
    path: str
    query: str
    organisation_link: str

    @property
    def link(self) -> str:
        """To its own page."""
        return f"{self.path}{self.query}"


@dataclass(frozen=True, slots=True)
class Setting:
    """What every page says of itself: whose figures, of when, counted when, and what is hidden."""

    organisation: str
    code: str
    kind: str
    reader: str
    period: str
    day: str
    counted: str
    exact: bool
    query: str
    home: HomeNamed | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """All services of an organisation."""

    setting: Setting
    sections: tuple[ServiceSection, ...]
    within: tuple[tuple[str, str], ...] = ()
    homes: tuple[tuple[str, str], ...] = ()
    network: bool = False


@dataclass(frozen=True, slots=True)
class MatchedOn:
    """One thing by which networks were matched: the own value, and from where to where those of two groups go."""

    name: str
    own: str
    alike: str
    others: str


@dataclass(frozen=True, slots=True)
class PeersPage:
    """How the peers of a network were chosen; without rows there were too few to choose from, which `text` says."""

    setting: Setting
    text: str
    rows: tuple[MatchedOn, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    """One care home: what it is, its measures, and the course of the most important one."""

    setting: Setting
    facts: tuple[tuple[str, str], ...]
    section: ServiceSection
    unit: str
    trend: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Stratum:
    """The figures by one stratifier."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class HomesTable:
    """The care homes of an organisation, or one of them among the others, which then are `points` without names."""

    rows: tuple[Row, ...] = ()
    funnel: Funnel | None = None
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class MeasurePage:
    """One measure: the figure, over time, within the organisation, among its peers, by strata, and its definition."""

    setting: Setting
    line: MeasureLine
    service: str
    unit: str
    trend: tuple[Row, ...]
    within: tuple[Row, ...]
    within_what: str
    funnel: Funnel | None
    comparison: Comparison
    matched: Comparison | None
    homes: HomesTable
    peers: tuple[tuple[float, float], ...]
    strata: tuple[Stratum, ...]
    definition: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    people: str = ""
    further: tuple[Row, ...] = field(default=())
