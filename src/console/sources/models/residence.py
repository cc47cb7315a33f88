"""Whether a model server passes on what it is sent, by what an Ollama tells of a model."""

from http import HTTPStatus

from console.core.text import one_line
from console.sources.models.foreign import Foreign
from console.sources.models.plain import Answer

UNTOLD = "the local server does not tell whether the model runs here"


def told(answer: Answer, model: str, foreign: Foreign, *, strict: bool) -> str | None:
    """Why what is sent would travel on, by the answer to `/api/show`; None: it would not.

    `strict` is for an Ollama, which has to tell. Any other server may refuse the question or say
    something else, but not fail over it.
    """
    if not answer.is_success:
        if strict:
            # A model that it does not have is told by asking it.
            json = answer.headers.get("content-type", "").startswith("application/json")
            return None if answer.status_code == HTTPStatus.NOT_FOUND and json else UNTOLD
        failed = answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        return UNTOLD if failed and answer.status_code != HTTPStatus.NOT_IMPLEMENTED else None
    try:
        shown = answer.json()
    except ValueError:
        shown = None
    if not isinstance(shown, dict):
        return UNTOLD if strict else None
    host = shown.get("remote_host")
    if host or shown.get("remote_model"):
        where = foreign(str(host or "a cloud"))
        return f"{one_line(model)} runs at {where}; choose a model that runs here"
    return None
