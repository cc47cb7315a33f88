"""What Anthropic and OpenAI report as charged, by UTC day and model; with an admin's key."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from console.core.money import to_nano
from console.core.reconcile import Charge
from console.core.text import one_line

if TYPE_CHECKING:
    import httpx

VENDORS = {
    "anthropic": "https://api.anthropic.com",
    "openai": "https://api.openai.com",
}
"""Where the reports are, by the provider of the rows they are held against."""

_MOST_PAGES = 60
_WAIT_S = 20.0


class NoReport(Exception):
    """The report cannot be had; the text is a sentence without the key."""


def read_charges(
    provider: str, key: str, since_ms: int, until_ms: int, url: str | None = None
) -> list[Charge]:
    """Every charge of the UTC days between two times. Raises NoReport with a sentence."""
    import httpx

    base = (url or VENDORS[provider]).rstrip("/")
    parameters: dict[str, Any]
    if provider == "anthropic":
        path = "/v1/organizations/cost_report"
        headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
        parameters = {"starting_at": _iso(since_ms), "ending_at": _iso(until_ms),
                      "group_by[]": "description", "bucket_width": "1d", "limit": 31}  # fmt: skip
        read = _anthropic
    else:
        path = "/v1/organization/costs"
        headers = {"Authorization": f"Bearer {key}"}
        parameters = {"start_time": since_ms // 1000, "end_time": until_ms // 1000,
                      "group_by": "line_item", "bucket_width": "1d", "limit": 31}  # fmt: skip
        read = _openai
    try:
        with httpx.Client(timeout=_WAIT_S, follow_redirects=False) as http:
            return [
                charge
                for page in _pages(http, f"{base}{path}", headers, parameters)
                for charge in read(page)
            ]
    except httpx.HTTPError as error:
        what = one_line(str(error)) or type(error).__name__
        raise NoReport(f"The cost report of {provider} cannot be read: {what}.") from None
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise NoReport(f"The cost report of {provider} has a form that is not known.") from None


def _pages(
    http: "httpx.Client", url: str, headers: Mapping[str, str], parameters: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    page: str | None = None
    for _ in range(_MOST_PAGES):
        more = {} if page is None else {"page": page}
        answer = http.get(url, headers=headers, params={**parameters, **more})
        if not answer.is_success:
            raise NoReport(_refused(answer))
        body = answer.json()
        yield body
        page = body.get("next_page") if body.get("has_more") else None
        if page is None:
            return
    raise NoReport(f"{url} has more pages than {_MOST_PAGES}; ask for fewer days.")


def _refused(answer: "httpx.Response") -> str:
    hint = {
        401: "; an admin's key is needed, which is another than that of requests",
        403: "; the key may not read costs: it must be an admin's",
        429: "; it asks to wait: try again in a minute",
    }.get(answer.status_code, "")
    return f"{answer.url.host} refused the cost report: {answer.status_code}{hint}."


def _anthropic(page: Mapping[str, Any]) -> Iterator[Charge]:
    for bucket in page["data"]:
        day = str(bucket["starting_at"])[:10]
        for result in bucket["results"]:
            if str(result.get("currency", "USD")).upper() != "USD":
                raise ValueError("another currency")
            # Amounts are cents, as text.
            usd = Decimal(str(result["amount"])) / 100
            yield Charge(day=day, model=one_line(result.get("model") or ""), nano=to_nano(usd))


def _openai(page: Mapping[str, Any]) -> Iterator[Charge]:
    for bucket in page["data"]:
        day = datetime.fromtimestamp(bucket["start_time"], UTC).date().isoformat()
        for result in bucket["results"]:
            amount = result["amount"]
            if str(amount.get("currency", "usd")).lower() != "usd":
                raise ValueError("another currency")
            # "gpt-4o-2024-08-06, cached input"
            model = one_line(str(result.get("line_item") or "")).partition(",")[0]
            yield Charge(day=day, model=model, nano=to_nano(Decimal(str(amount["value"]))))


def _iso(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
