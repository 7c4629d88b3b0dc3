"""Where something that listens can be reached."""


def reachable(host: str) -> str:
    """The host of a URL to something that listens on ``host`` of this machine."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host
