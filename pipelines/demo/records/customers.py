"""Customer records: who they are, and corrections of it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.demo.cohort import Cohort
from pipelines.demo.lives.people import CHANNELS
from pipelines.demo.records import columns, mess
from pipelines.demo.timeline import Ints

COUNTRIES = ("de", "fr", "it", "es", "nl", "at", "be", "ch")
COUNTRY_SHARES = (0.34, 0.18, 0.13, 0.11, 0.09, 0.06, 0.05, 0.04)
FIRST_NAMES = (
    "Zoë", "Łukasz", "Søren", "Anaïs", "Jürgen", "Chloé", "José", "Iñaki", "Ágnes", "Björk",
    "Šárka", "Ömer", "Nguyệt", "Ελένη", "Дмитрий", "明", "Marie", "Paul", "Lina", "Noah",
)  # fmt: skip
LAST_NAMES = (
    "Müller", "García", "Lefèvre", "Núñez", "Østergård", "Dvořák", "Kowalczyk", "D'Angelo",
    "van der Berg", "Müller-Lüdenscheidt", "Çelik", "Nguyễn", "Παπαδόπουλος", "Иванова", "李",
    "Rossi", "Schmidt", "Martin", "Jansen", "Weber",
)  # fmt: skip
DOMAINS = ("@example.com", "@example.org")
MALFORMED_DOMAINS = (" at example.com", "@@example.org", "@")

MISSING_COUNTRY = 0.04
MISSING_BIRTH_YEAR = 0.07
MISSING_CHANNEL = 0.06
MISSING_CONSENT = 0.02
UNTRUE_BIRTH_YEAR = 0.008
MALFORMED_EMAIL = 0.008
CONSENT_SHARE = 0.55
# Corrected once during the history: consent withdrawn or given, or moved to another country.
CORRECTED_SHARE = 0.12
MOVED_SHARE = 0.3


def records(cohort: Cohort) -> pa.Table:
    """Return raw.customers: a row a person, and one more for each correction."""
    rng = cohort.rng("customers")
    people, subscribers = cohort.life.people, cohort.life.subscribers
    size = len(cohort.people)
    started = np.full(len(people.plan), np.inf)
    np.minimum.at(started, subscribers.person[cohort.rows], subscribers.started[cohort.rows])
    signed_up = started[cohort.people]

    country = rng.choice(len(COUNTRIES), size, p=COUNTRY_SHARES)
    has_consent = rng.random(size) < CONSENT_SHARE
    birth_year = cohort.timeline.until.year - people.age_years[cohort.people].astype(np.int64)
    birth_year[rng.random(size) < UNTRUE_BIRTH_YEAR] = 1900
    loaded = mess.known_on(rng, signed_up)

    corrected = np.flatnonzero(rng.random(size) < CORRECTED_SHARE)
    since = np.maximum(signed_up[corrected], cohort.timeline.start_day)
    corrected_on = since + (0 - since) * rng.random(len(corrected))
    loaded_again = np.maximum(
        mess.known_on(rng, corrected_on), loaded[corrected] + mess.NEXT_STATE_DAYS
    )
    is_moving = rng.random(len(corrected)) < MOVED_SHARE
    next_country = (country[corrected] + 1) % len(COUNTRIES)

    person = np.concatenate([np.arange(size), corrected])
    table = pa.table(
        {
            "customer_id": columns.numbers("C", cohort.first_customer + person, 8),
            "full_name": _full_names(rng, size).take(pa.array(person)),
            "email": _emails(rng, cohort.first_customer + np.arange(size)).take(pa.array(person)),
            "country": mess.mistyped(
                rng,
                columns.words(
                    COUNTRIES,
                    np.concatenate(
                        [country, np.where(is_moving, next_country, country[corrected])]
                    ),
                ),
            ),
            "birth_year": columns.whole(birth_year, rng.random(size) < MISSING_BIRTH_YEAR).take(
                pa.array(person)
            ),
            "acquisition_channel": columns.hide(
                columns.words(CHANNELS, people.channel[cohort.people]),
                rng.random(size) < MISSING_CHANNEL,
            ).take(pa.array(person)),
            "has_marketing_consent": pa.array(
                np.concatenate([has_consent, has_consent[corrected] ^ ~is_moving]),
                mask=rng.random(len(person)) < MISSING_CONSENT,
            ),
            "signed_up_at": columns.instants(cohort.timeline, signed_up[person]),
        }
    )
    is_missing = (rng.random(size) < MISSING_COUNTRY)[person]
    table = table.set_column(3, "country", columns.hide(table["country"], is_missing))
    happened = np.concatenate([signed_up, corrected_on])

    return cohort.finish(table, np.concatenate([loaded, loaded_again]), happened, rng)


def _full_names(rng: np.random.Generator, size: int) -> pa.Array:
    """Return made-up names."""
    first = columns.words(FIRST_NAMES, rng.integers(0, len(FIRST_NAMES), size))
    last = columns.words(LAST_NAMES, rng.integers(0, len(LAST_NAMES), size))

    return pc.binary_join_element_wise(first, last, " ")


def _emails(rng: np.random.Generator, numbers: Ints) -> pa.Array:
    """Return addresses nobody has, a few of them not even addresses."""
    size = len(numbers)
    code = rng.integers(0, len(DOMAINS), size)
    is_malformed = rng.random(size) < MALFORMED_EMAIL
    malformed = len(DOMAINS) + rng.integers(0, len(MALFORMED_DOMAINS), size)
    domain = columns.words(DOMAINS + MALFORMED_DOMAINS, np.where(is_malformed, malformed, code))

    return pc.binary_join_element_wise(columns.numbers("customer.", numbers, 1), domain, "")
