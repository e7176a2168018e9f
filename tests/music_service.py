"""A music service made up from a seed: who listened, liked, saw adverts, downgraded and left."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

# What is done in a session and how often; leaving is told by `CANCELLED`, once, at the end.
PAGES = {
    "NextSong": 0.775,
    "Thumbs Up": 0.045,
    "Home": 0.04,
    "Add to Playlist": 0.025,
    "Add Friend": 0.018,
    "Roll Advert": 0.017,
    "Login": 0.012,
    "Logout": 0.011,
    "Thumbs Down": 0.011,
    "Downgrade": 0.009,
    "Help": 0.009,
    "Settings": 0.009,
    "About": 0.007,
    "Upgrade": 0.006,
    "Error": 0.006,
}
CANCELLED = "Cancellation Confirmation"
BEGIN = datetime(2025, 12, 1, tzinfo=UTC)
SECOND, DAY = 1_000_000, 86_400_000_000


def events(
    customers: int, *, days: int = 210, seed: int = 1, per_session: float = 12
) -> pd.DataFrame:
    """
    Return a log, in no order.

    About one session in three days a customer; 100 customers give some 50,000 events. One event in
    200 is at 00:00 UTC sharp, one in 30 is known days late, one in 100 has no page, one in 50 no
    session. One customer in seven leaves, and one in ten has a single event.

    Returns:
        `(n_events, 6)`: customer_id, occurred_at, loaded_at, page, length (seconds of a song, NaN
        for other pages) and session.
    """
    random = np.random.default_rng(seed)
    starts = np.sort(random.uniform(0, days * 0.7, customers))
    leaves = random.random(customers) < 1 / 7
    ends = np.where(leaves, random.uniform(starts + 5, days), days)
    rates = random.gamma(2.0, 1 / 6, customers)
    is_single = random.random(customers) < 0.1
    sessions = np.where(is_single, 1, 1 + random.poisson(rates * (ends - starts)))

    who = np.repeat(np.arange(customers), sessions)
    began = starts[who] + random.random(len(who)) * (ends - starts)[who]
    # People listen in the evening, and in bursts.
    began = np.floor(began) + random.beta(5, 2, len(who))
    sizes = np.where(is_single[who], 1, 1 + random.poisson(per_session, len(who)))
    session = np.repeat(np.arange(len(who)), sizes)
    customer = who[session]
    pauses = random.exponential(200 * SECOND, len(session)).astype(np.int64)
    first = np.r_[0, np.cumsum(sizes)[:-1]]
    so_far = np.cumsum(pauses)
    at = (began[session] * DAY).astype(np.int64) + so_far - so_far[first][session]
    page = random.choice(np.array(list(PAGES)), len(session), p=list(PAGES.values()))

    last = pd.Series(at).groupby(customer).max()
    gone = np.flatnonzero(leaves & ~is_single)
    customer = np.r_[customer, gone]
    at = np.r_[at, last[gone].to_numpy() + 30 * SECOND]
    page = np.r_[page, np.full(len(gone), CANCELLED)]
    session = np.r_[session, np.full(len(gone), -1)]

    is_sharp = random.random(len(at)) < 1 / 200
    at = np.where(is_sharp, at // DAY * DAY, at)
    late = np.where(random.random(len(at)) < 1 / 30, random.uniform(0, 9, len(at)), 0.001)
    length = np.where(page == "NextSong", random.lognormal(5.4, 0.35, len(at)).round(5), np.nan)

    return pd.DataFrame(
        {
            "customer_id": pd.Series(customer).map("c{:05d}".format),
            "occurred_at": _instants(at),
            "loaded_at": _instants(at + (late * DAY).astype(np.int64)),
            "page": pd.Series(page, dtype=object).where(random.random(len(at)) > 0.01, None),
            "length": length,
            "session": pd.Series(session)
            .map("s{}".format)
            .astype(object)
            .where((session >= 0) & (random.random(len(at)) > 0.02), None),
        }
    )


def _instants(microseconds: np.ndarray) -> pd.Series:
    """Return the instants so long after the beginning."""
    offsets = pd.Series(pd.to_timedelta(microseconds, unit="us"))

    return pd.Timestamp(BEGIN) + offsets
