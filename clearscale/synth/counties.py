"""California's 58 counties: where they lie, how many live there, and what they published about Proposition 64."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from .arrays import Ints

STATE_ELIGIBLE = 220_000  # convictions, the Department of Justice's estimate of 2019
CONVICTIONS_PER_PERSON = 1.25


@dataclass(frozen=True)
class County:
    """One county. `code` is its place in the alphabet; `population` is of 2019, rounded to the published estimate.

    `latitude` and `longitude` (degrees, to a tenth) serve only to tell which counties are near. `towns` name
    its agencies.
    """

    code: int
    name: str
    population: int
    latitude: float
    longitude: float
    towns: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The name as a file name: `los-angeles`."""
        return self.name.lower().replace(" ", "-")


@dataclass(frozen=True)
class Published:
    """What a county made public: convictions, and where known the people and the share of felonies."""

    convictions: int
    people: int | None = None
    felony_share: float | None = None


PUBLISHED = {
    "ALAMEDA": Published(8_156, felony_share=6_921 / 8_156),
    "AMADOR": Published(300),
    "CONTRA COSTA": Published(3_264, people=2_399),
    "HUMBOLDT": Published(1_800),
    "IMPERIAL": Published(1_767),
    "LOS ANGELES": Published(66_000, people=53_000, felony_share=62_000 / 66_000),
    "MARIN": Published(500),
    "RIVERSIDE": Published(8_164),
    "SACRAMENTO": Published(5_303, people=4_831),
    "SAN BERNARDINO": Published(11_121),
    "SAN DIEGO": Published(27_002, felony_share=25_962 / 27_002),
    "SAN FRANCISCO": Published(9_362),
    "SAN JOAQUIN": Published(4_000),
    "SANTA BARBARA": Published(1_728, felony_share=1_578 / 1_728),
    "SANTA CLARA": Published(11_500, people=9_000),
    "SONOMA": Published(2_735),
    "YOLO": Published(728),
}
# Where a county published neither: chosen so that the state has about 85% felonies and 1.25 convictions a person.
OTHER_FELONY_SHARE = 0.78
OTHER_REPEATS = 0.03

# Shares of HISPANIC, BLACK, WHITE, Asian or Pacific Islander, and all other race descriptions.
RACE_SHARES = {
    "LOS ANGELES": (0.45, 0.32, 0.20, 0.015, 0.015),
    "SAN FRANCISCO": (0.27, 0.33, 0.30, 0.07, 0.03),
    "CONTRA COSTA": (0.15, 0.36, 0.45, 0.02, 0.02),
}
OTHER_RACE_SHARES = (0.36, 0.22, 0.36, 0.03, 0.03)

_TABLE = """
ALAMEDA|1671329|37.6|-121.9|OAKLAND,FREMONT,BERKELEY,HAYWARD
ALPINE|1129|38.6|-119.8|MARKLEEVILLE
AMADOR|39752|38.4|-120.7|JACKSON
BUTTE|219186|39.7|-121.6|OROVILLE,CHICO
CALAVERAS|45905|38.2|-120.6|SAN ANDREAS
COLUSA|21547|39.2|-122.2|COLUSA,WILLIAMS
CONTRA COSTA|1153526|37.9|-121.9|RICHMOND,CONCORD,ANTIOCH
DEL NORTE|27812|41.7|-123.9|CRESCENT CITY
EL DORADO|192843|38.8|-120.5|PLACERVILLE,SOUTH LAKE TAHOE
FRESNO|999101|36.8|-119.6|FRESNO,CLOVIS,REEDLEY
GLENN|28393|39.6|-122.4|WILLOWS,ORLAND
HUMBOLDT|135558|40.7|-123.9|EUREKA,ARCATA,FORTUNA
IMPERIAL|181215|33.0|-115.4|EL CENTRO,CALEXICO
INYO|18039|36.5|-117.4|BISHOP
KERN|900202|35.3|-118.7|BAKERSFIELD,DELANO,RIDGECREST
KINGS|152940|36.1|-119.8|HANFORD,LEMOORE
LAKE|64386|39.1|-122.8|LAKEPORT,CLEARLAKE
LASSEN|30573|40.7|-120.6|SUSANVILLE
LOS ANGELES|10039107|34.3|-118.2|LOS ANGELES,LONG BEACH,INGLEWOOD,PASADENA,COMPTON,LA CA\u00d1ADA
MADERA|157327|37.2|-119.8|MADERA,CHOWCHILLA
MARIN|258826|38.1|-122.7|SAN RAFAEL,NOVATO
MARIPOSA|17203|37.6|-119.9|MARIPOSA
MENDOCINO|86749|39.4|-123.4|UKIAH,FORT BRAGG,WILLITS
MERCED|277680|37.2|-120.7|MERCED,LOS BANOS
MODOC|8841|41.6|-120.7|ALTURAS
MONO|14444|37.9|-118.9|MAMMOTH LAKES
MONTEREY|434061|36.2|-121.3|SALINAS,SEASIDE,MONTEREY
NAPA|137744|38.5|-122.3|NAPA,CALISTOGA
NEVADA|99755|39.3|-120.8|GRASS VALLEY,TRUCKEE
ORANGE|3175692|33.7|-117.8|SANTA ANA,ANAHEIM,IRVINE,HUNTINGTON BEACH
PLACER|398329|39.1|-120.8|AUBURN,ROSEVILLE,ROCKLIN
PLUMAS|18807|40.0|-120.8|QUINCY
RIVERSIDE|2470546|33.9|-117.3|RIVERSIDE,CORONA,INDIO,HEMET
SACRAMENTO|1552058|38.4|-121.3|SACRAMENTO,ELK GROVE,FOLSOM
SAN BENITO|62808|36.6|-121.1|HOLLISTER
SAN BERNARDINO|2180085|34.1|-117.3|SAN BERNARDINO,FONTANA,ONTARIO,RIALTO
SAN DIEGO|3338330|33.0|-116.8|SAN DIEGO,CHULA VISTA,OCEANSIDE,ESCONDIDO
SAN FRANCISCO|881549|37.8|-122.4|SAN FRANCISCO
SAN JOAQUIN|762148|37.9|-121.3|STOCKTON,LODI,TRACY
SAN LUIS OBISPO|283111|35.4|-120.4|SAN LUIS OBISPO,ATASCADERO
SAN MATEO|766573|37.4|-122.3|REDWOOD CITY,DALY CITY,SAN MATEO
SANTA BARBARA|446499|34.7|-120.0|SANTA BARBARA,SANTA MARIA,LOMPOC
SANTA CLARA|1927852|37.2|-121.7|SAN JOSE,SUNNYVALE,GILROY,PALO ALTO
SANTA CRUZ|273213|37.0|-122.0|SANTA CRUZ,WATSONVILLE
SHASTA|180080|40.8|-122.0|REDDING,ANDERSON
SIERRA|3005|39.6|-120.5|DOWNIEVILLE
SISKIYOU|43539|41.6|-122.5|YREKA,WEED
SOLANO|447643|38.3|-121.9|FAIRFIELD,VALLEJO,VACAVILLE
SONOMA|494336|38.5|-122.9|SANTA ROSA,PETALUMA,ROHNERT PARK
STANISLAUS|550660|37.6|-121.0|MODESTO,TURLOCK,CERES
SUTTER|96971|39.0|-121.7|YUBA CITY
TEHAMA|65084|40.1|-122.2|RED BLUFF,CORNING
TRINITY|12285|40.7|-123.1|WEAVERVILLE
TULARE|466195|36.2|-118.8|VISALIA,PORTERVILLE,TULARE
TUOLUMNE|54478|38.0|-120.0|SONORA
VENTURA|846006|34.4|-119.1|VENTURA,OXNARD,SIMI VALLEY
YOLO|220500|38.7|-121.9|WOODLAND,DAVIS,WEST SACRAMENTO
YUBA|78668|39.3|-121.4|MARYSVILLE,WHEATLAND
"""


def _parse(code: int, line: str) -> County:
    name, population, latitude, longitude, towns = line.split("|")
    return County(code, name, int(population), float(latitude), float(longitude), tuple(towns.split(",")))


COUNTIES = tuple(_parse(code, line) for code, line in enumerate(_TABLE.split("\n")[1:-1], start=1))


def largest(count: int) -> list[County]:
    """The `count` (1 to 58) most populous counties, the most populous first."""
    if not 1 <= count <= len(COUNTIES):
        raise ValueError(f"counties must be 1 to {len(COUNTIES)}, not {count}")
    return sorted(COUNTIES, key=lambda county: -county.population)[:count]


@cache
def expected_convictions() -> dict[str, int]:
    """Prop 64 convictions in each county by name: as published; the rest of the state's total by population."""
    left = STATE_ELIGIBLE - sum(figures.convictions for figures in PUBLISHED.values())
    residents = sum(county.population for county in COUNTIES if county.name not in PUBLISHED)
    return {
        county.name: PUBLISHED[county.name].convictions
        if county.name in PUBLISHED
        else round(left * county.population / residents)
        for county in COUNTIES
    }


@cache
def expected_people() -> dict[str, float]:
    """People with a Prop 64 conviction by county name: the published number, else convictions over 1.25."""
    expected: dict[str, float] = {}
    for name, convictions in expected_convictions().items():
        published = PUBLISHED.get(name)
        expected[name] = (published and published.people) or convictions / CONVICTIONS_PER_PERSON
    return expected


def felony_share(county: County) -> float:
    """The share of a county's Prop 64 convictions that are felonies."""
    published = PUBLISHED.get(county.name)
    return (published and published.felony_share) or OTHER_FELONY_SHARE


def repeats(county: County) -> float:
    """Prop 64 convictions in the county that a person has beyond the first one, on average."""
    published = PUBLISHED.get(county.name)
    if published and published.people:
        return published.convictions / published.people - 1
    return OTHER_REPEATS


def race_shares(county: County) -> tuple[float, ...]:
    """Shares of HISPANIC, BLACK, WHITE, Asian or Pacific Islander, and others; they add up to 1."""
    return RACE_SHARES.get(county.name, OTHER_RACE_SHARES)


def nearest(county: County, among: list[County], count: int) -> list[County]:
    """Up to `count` counties of `among` other than `county`, the nearest first."""

    def miles_squared(other: County) -> float:
        return (other.latitude - county.latitude) ** 2 + (0.8 * (other.longitude - county.longitude)) ** 2

    return sorted((other for other in among if other.code != county.code), key=miles_squared)[:count]


def allot(total: int, weights: list[float]) -> Ints:
    """`total` split in proportion to `weights`, at least one each, exactly: int64 [len(weights)].

    Raises ValueError when there is less than one for each.
    """
    if total < len(weights):
        raise ValueError(f"{total} people cannot fill {len(weights)} counties: give at least one for each")
    exact = np.asarray(weights) / sum(weights) * (total - len(weights))
    shares = np.floor(exact).astype(np.int64)
    neediest = np.argsort(shares - exact, kind="stable")[: total - len(weights) - int(shares.sum())]
    shares[neediest] += 1
    return shares + 1
