"""Names and addresses that belong to nobody."""

from __future__ import annotations

from tandem.synth.datatypes import Json
from tandem.synth.draw import Draw


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


_FEMALE_OLD = _words(
    "Margaret Jean Dorothy Joan Patricia Sheila Barbara Joyce Brenda Maureen Doreen Audrey Beryl Sylvia Pauline Rita "
    "Irene Winifred Hilda Marjorie Eileen Kathleen Josephine Iris Olive Vera Phyllis Muriel Gladys Norma"
)
_MALE_OLD = _words(
    "John Ronald Kenneth Derek Dennis Raymond Brian Roy Gordon Peter Eric Leonard Stanley Norman Harold Arthur Ernest "
    "Albert Frederick Reginald Cyril Donald Geoffrey Walter Herbert Clifford Maurice Alan Desmond Winston"
)
_FEMALE_MIDDLE = _words(
    "Susan Julie Karen Jacqueline Deborah Tracey Jane Helen Diane Sharon Tracy Angela Sarah Alison Caroline Amanda "
    "Sandra Linda Catherine Elizabeth Carol Joanne Wendy Janet Dawn Nasreen Shanti Yvonne Marcia Bernadette"
)
_MALE_MIDDLE = _words(
    "David Paul Andrew Mark Stephen Ian Gary Robert Richard Philip Anthony Martin Kevin Simon Keith Nigel Graham "
    "Stuart Neil Jeremy Timothy Colin Trevor Adrian Clive Mohammed Harjit Rajesh Leroy Declan"
)
_FEMALE_YOUNG = _words(
    "Chloe Emily Jessica Olivia Amelia Sophie Lucy Grace Ella Charlotte Isla Freya Poppy Evie Daisy Aisha Zainab Priya "
    "Anika Maya Zofia Abigail Megan Hannah Lauren Rebecca Holly Niamh Adaeze Imani"
)
_MALE_YOUNG = _words(
    "Oliver George Harry Jack Noah Leo Arthur Oscar Archie Jacob Thomas James William Joshua Daniel Ryan Callum Liam "
    "Mohammed Ibrahim Yusuf Arjun Rohan Kacper Jakub Kwame Tobias Ethan Samuel Kieran"
)
_SURNAMES = _words(
    "Ashworth Barlow Bennett Birch Blackwell Booth Bradshaw Brennan Brooks Burrows Cartwright Chadwick Clegg Coates "
    "Collier Cooper Crossley Dawson Dixon Doyle Eastwood Ellison Farrow Fielding Fletcher Foster Garside Gill Goddard "
    "Greenwood Hallam Hargreaves Harrop Haworth Hepworth Heywood Hobson Holroyd Hopkins Howarth Ingham Jagger Kershaw "
    "Khan Kaur Lomax Lister Malik Marsden Mahmood Mellor Metcalfe Midgley Mistry Naylor Newton Nowak Nuttall "
    "Ogden Okafor Osei Oldroyd Parkin Patel Pickles Pickering Priestley Radcliffe Rahman Ramsden Rawson Reid Rhodes "
    "Robertshaw Rowntree Rushworth Schofield Shackleton Sharma Sheard Shepherd Singh Slater Sugden Sutcliffe Sykes "
    "Tattersall Taylor Thornton Tordoff Turner Uttley Varley Wadsworth Wainwright Walker Whitaker "
    "Whitworth Wilkinson Wormald"
)
_STREETS = _listed(
    "Alder Lane,Bakehouse Row,Beck Side,Chapel Walk,Church Lane,Clough Road,Coppice Close,Cornmill Street,"
    "Curlew Drive,Dyehouse Lane,Elm Grove,Fellmonger Street,Fern Bank,Foundry Street,Garden Terrace,Hawthorn Avenue,"
    "High Street,Ings Road,Kiln Lane,Larch Close,Lower Croft,Maltings Way,Meadow View,Mill Fold,Nursery Road,"
    "Orchard Way,Park Avenue,Priory Close,Quarry Hill,Railway Terrace,Rectory Lane,Rowan Court,Saddler Street,"
    "Sandbed Lane,School Street,Spring Gardens,Station Road,Tanyard Street,Tenter Hill,The Crescent,Union Street,"
    "Vicarage Road,Watermill Lane,Weaver Street,Willow Bank,Woodside Avenue"
)
_PLACES = _listed("Aldermoor,Beckthorpe,Cawdale,Dunsby Green,Ellerwick,Fosscombe,Harrowfold,Thornbeck")
DISTRICT = "Wharram"


def given_name(draw: Draw, *, female: bool, born: int) -> str:
    """A first name as it was given about the year `born`."""
    if born < 1952:
        return draw.pick(_FEMALE_OLD if female else _MALE_OLD)
    if born < 1982:
        return draw.pick(_FEMALE_MIDDLE if female else _MALE_MIDDLE)
    return draw.pick(_FEMALE_YOUNG if female else _MALE_YOUNG)


def surname(draw: Draw) -> str:
    return draw.pick(_SURNAMES)


def title(*, female: bool, age: int) -> str:
    if age < 16:
        return "Miss" if female else "Master"
    return "Mrs" if female and age > 60 else "Ms" if female else "Mr"


def postcode(draw: Draw) -> str:
    # No postcode area begins with Q: such a code reaches no door.
    return f"QW{draw.between(1, 9)} {draw.between(1, 9)}{draw.pick('ABDEFGHJLN')}{draw.pick('PQRSTUWXYZ')}"


def street_address(draw: Draw) -> Json:
    """A home address (Address)."""
    return {
        "use": "home",
        "type": "physical",
        "line": [f"{draw.between(1, 180)} {draw.pick(_STREETS)}"],
        "city": draw.pick(_PLACES),
        "district": DISTRICT,
        "postalCode": postcode(draw),
    }


def work_address(draw: Draw, first_line: str) -> Json:
    """The address of an organisation's building."""
    address = street_address(draw)
    return {**address, "use": "work", "line": [first_line, *address["line"]]}


def phone(draw: Draw, *, mobile: bool = False, use: str = "home") -> Json:
    """A ContactPoint from the ranges Ofcom keeps for drama."""
    number = f"07700 900{draw.between(0, 999):03d}" if mobile else f"01632 960{draw.between(0, 999):03d}"
    return {"system": "phone", "value": number, "use": "mobile" if mobile else use}
