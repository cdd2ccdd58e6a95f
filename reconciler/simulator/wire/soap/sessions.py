"""Sessions, whose they are, and passwords.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_login.htm and its sisters
"""

from collections.abc import Callable, Mapping

from reconciler.simulator import messages
from reconciler.simulator.ids import to_18
from reconciler.simulator.store import Scalar
from reconciler.simulator.wire.markup import leaf, tag
from reconciler.simulator.wire.passwords import reset_password, set_password
from reconciler.simulator.wire.soap.call import Reply, SoapCall, unexpected
from reconciler.simulator.wire.tokens import issue_token, revoke_token

LAST_VERSION_WITH_LOGIN = 64
"""Source: https://help.salesforce.com/s/articleView?id=005132110"""

_BAD_LOGIN = "Invalid username, password, security token; or user locked out."
_SESSION_SECONDS = 7200


def login(call: SoapCall) -> Reply:
    """A session for a user that is active; the org knows no passwords, so that any is taken."""
    context = call.context
    if float(context.version) > LAST_VERSION_WITH_LOGIN:
        raise unexpected("INVALID_OPERATION", messages.NO_SOAP_LOGIN)
    users = context.org.store.find("User", Username=call.body.value("username"))
    if not users or users[0]["IsActive"] is not True or not call.body.value("password"):
        raise unexpected("INVALID_LOGIN", _BAD_LOGIN)
    user_id = str(users[0]["Id"])
    base = f"{context.request.host_url.rstrip('/')}/services/Soap"
    here = f"{call.dialect}/{context.version}/{context.org.id}"
    return Reply(
        tag(
            "result",
            leaf("metadataServerUrl", f"{base}/m/{context.version}/{context.org.id}")
            + leaf("passwordExpired", value=False)
            + leaf("sandbox", value=bool(_organization(call).get("IsSandbox")))
            + leaf("serverUrl", f"{base}/{here}")
            + leaf("sessionId", issue_token(context.org, user_id))
            + leaf("userId", user_id)
            + tag("userInfo", _user_info(call, users[0])),
        )
    )


def _logout(call: SoapCall) -> Reply:
    revoke_token(call.context.org, call.option("SessionHeader", "sessionId"))
    return Reply()


def _get_user_info(call: SoapCall) -> Reply:
    user = call.context.org.store.get("User", call.context.user_id) or {}
    return Reply(tag("result", _user_info(call, user)))


def _get_server_timestamp(call: SoapCall) -> Reply:
    return Reply(tag("result", leaf("timestamp", call.context.org.now().replace("+0000", "Z"))))


def _set_password(call: SoapCall) -> Reply:
    set_password(call.context, call.body.value("userId"), call.body.value("password"))
    return Reply(tag("result"))


def _reset_password(call: SoapCall) -> Reply:
    return Reply(tag("result", leaf("password", reset_password(call.context, call.body.value("userId")))))


def _organization(call: SoapCall) -> Mapping[str, Scalar]:
    return call.context.org.store.get("Organization", to_18(call.context.org.id) or "") or {}


def _user_info(call: SoapCall, user: Mapping[str, Scalar]) -> str:
    """GetUserInfoResult, in the order of the WSDL."""
    values: Mapping[str, Scalar] = {
        "accessibilityMode": False,
        "chatterExternal": False,
        "currencySymbol": "$",
        "orgAttachmentFileSizeLimit": 26_214_400,
        "orgDefaultCurrencyIsoCode": "USD",
        "orgDefaultCurrencyLocale": "en_US",
        "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": False,
        "organizationId": call.context.org.id,
        "organizationMultiCurrency": False,
        "organizationName": _organization(call).get("Name"),
        "profileId": user.get("ProfileId"),
        "roleId": user.get("UserRoleId"),
        "sessionSecondsValid": _SESSION_SECONDS,
        "userDefaultCurrencyIsoCode": None,
        "userEmail": user.get("Email"),
        "userFullName": user.get("Name"),
        "userId": user.get("Id"),
        "userLanguage": user.get("LanguageLocaleKey"),
        "userLocale": user.get("LocaleSidKey"),
        "userName": user.get("Username"),
        "userTimeZone": user.get("TimeZoneSidKey"),
        "userType": user.get("UserType"),
        "userUiSkin": "Theme3",
    }
    return "".join(leaf(name, value) for name, value in values.items())


SESSIONS: Mapping[str, Callable[[SoapCall], Reply]] = {
    "logout": _logout,
    "getUserInfo": _get_user_info,
    "getServerTimestamp": _get_server_timestamp,
    "setPassword": _set_password,
    "resetPassword": _reset_password,
}
"""Calls about the session itself; `login` alone needs none."""
