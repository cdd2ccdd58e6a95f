"""What Salesforce answers to logins that it refuses, and what to do; docs/errors.md is written from it too.

Source: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm; most sentences are
reported by users and listed nowhere.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """An OAuth error, what its description contains, and a remedy."""

    error: str
    part: str
    remedy: str


_APPROVE = (
    "approve the app for this user: in Setup set the app's policy to admin approved users, and give the app to the "
    "user's profile or to one of its permission sets"
)
_CLOCK = "see that the private key belongs to the certificate that the app has, and that this machine's clock is right"

REFUSALS = (
    Refusal("invalid_grant", "approved this consumer", _APPROVE),
    Refusal("", "not admin approved", _APPROVE),
    Refusal(
        "invalid_grant",
        "audience",
        "set login_url (SFREC_LOGIN_URL): https://login.salesforce.com for production, https://test.salesforce.com for "
        "a sandbox, or name the audience itself (SFREC_AUDIENCE)",
    ),
    Refusal("invalid_grant", "assertion", _CLOCK),
    Refusal("invalid_grant", "expired", _CLOCK),
    Refusal(
        "invalid_grant",
        "not supported on this domain",
        "log in at the org's own address: set instance_url or domain, and no login_url",
    ),
    Refusal(
        "invalid_grant",
        "no client credentials user",
        "name the user to run as in the app's policies, under Client Credentials Flow",
    ),
    Refusal(
        "invalid_grant",
        "ip restricted",
        "let this machine's address in: the app's IP relaxation, or the login IP ranges of the user's profile",
    ),
    Refusal(
        "invalid_grant",
        "",
        "see username (SFREC_USERNAME) and that the user is of the org that login_url leads to; the login history in "
        "Setup names the reason",
    ),
    Refusal("invalid_client_id", "", "see client_id (SFREC_CLIENT_ID): the consumer key of an app that this org knows"),
    Refusal("invalid_client", "", "see client_id (SFREC_CLIENT_ID) and SFREC_CLIENT_SECRET: both belong to one app"),
    Refusal("unsupported_grant_type", "", "switch this flow on in the app's OAuth settings"),
    Refusal("inactive_user", "", "activate the user, or log in as another"),
    Refusal("inactive_org", "", "the org is locked, closed or suspended: ask its owner or Salesforce"),
    Refusal("HTTP_301", "", "set login_url (SFREC_LOGIN_URL) to where it leads, if that is your org"),
    Refusal("HTTP_302", "", "set login_url (SFREC_LOGIN_URL) to where it leads, if that is your org"),
    Refusal("HTTP_404", "", "see login_url (SFREC_LOGIN_URL): nobody logs in there"),
    Refusal("rate_limit_exceeded", "", "the user has logged in too often within the hour: wait"),
)
"""The first that fits counts."""

_OTHERWISE = "the login history in Setup names the reason"


def remedy(error: str, description: str) -> str:
    """What to do after an OAuth error."""
    said = description.lower()
    return next((row.remedy for row in REFUSALS if row.error in {error, ""} and row.part in said), _OTHERWISE)
