"""Refusals of every kind as other hosts, dates, versions and languages write them, with the cause that an expert would name."""

from __future__ import annotations

from typing import Final

from inspector.diagnosis.base import Cause

FRESH: Final = (
    "Failed to validate the token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE5MzAwMDAwMDAsImV4cCI6MTkzMDAwMDMwMH0.c2lnbmF0dXJlLXRoYXQtZml0cy1ub3RoaW5n.\n"
    "SecurityTokenExpiredException: IDX10223: Lifetime validation failed. The token is expired. ValidTo: '02/27/2031 23:11:40', Current time: '02/28/2031 01:06:54'."
)
"""Issued two hours and 14 seconds before it was judged, for five minutes."""
VARIANTS: Final[tuple[tuple[str, Cause, str], ...]] = (
    # WSE
    (
        "wse3 digest",
        Cause.BAD_CREDENTIALS,
        (
            "Event Type:\tError\nEvent Source:\tMicrosoft WSE 3.0\nEvent Category:\tNone\nEvent ID:\t0\nDate:\t\t3/4/2008\nTime:\t\t2:11:09 PM\nUser:\t\tN/A\nComputer:\tPAYROLL7\nDescription:\n"
            "Microsoft.Web.Services3.Security.SecurityFault: The security token could not be authenticated or authorized ---> System.Exception: WSE563: The computed password digest doesn't match that of the incoming username token.\n"
            "   at Microsoft.Web.Services3.Security.Tokens.UsernameTokenManager.VerifyHashedPassword(UsernameToken token, String authenticatedPassword)\n"
        ),
    ),
    (
        "wse clock",
        Cause.CLOCK_SKEW,
        "Microsoft.Web.Services3.ResponseProcessingException: WSE910: An error happened during the processing of a response message ---> Microsoft.Web.Services3.Security.SecurityFault: An error was discovered processing the <Security> header ---> System.Exception: WSE065: Creation time of the timestamp is in the future.",
    ),
    (
        "wse html stripped header",
        Cause.CLOCK_SKEW,
        "SoapHeaderException: Server unavailable, please try later ---> An error was discovered processing the  header ---> WSE065: Creation time of the timestamp is in the future. timeToleranceInSeconds",
    ),
    # WCF
    (
        "wcf stale by two hours",
        Cause.CLOCK_SKEW,
        "System.ServiceModel.Security.MessageSecurityException: Message security verification failed. ---> System.ServiceModel.Security.MessageSecurityException: The security timestamp is stale because its expiration time ('2019-03-04T08:05:11.040Z') is in the past. Current time is '2019-03-04T10:04:02.901Z' and allowed clock skew is '00:05:00'.",
    ),
    (
        "wcf future in german",
        Cause.CLOCK_SKEW,
        'System.ServiceModel.Security.MessageSecurityException: Fehler bei der Nachrichtensicherheitsüberprüfung. ---> Der Sicherheitszeitstempel ist ungültig, weil sein Erstellungszeitpunkt ("2020-06-02T11:20:45.123Z") in der Zukunft liegt. Die aktuelle Uhrzeit ist "2020-06-02T11:12:45.123Z", und die erlaubte Uhrabweichung ist "00:05:00".',
    ),
    (
        "wcf stale in french after days",
        Cause.EXPIRED,
        "L'horodatage de sécurité est périmé, car son heure d'expiration ('2021-01-11T07:05:00Z') est dans le passé. Le temps actuel est '2021-01-13T09:37:12Z' et l'inclinaison autorisée de l'horloge est '00:05:00'.",
    ),
    (
        "wcf waited to the second",
        Cause.DELAYED_PROCESSING,
        "The security timestamp is stale because its creation time ('2022-02-02T10:00:00.000Z') is too far back in the past. Current time is '2022-02-02T10:10:00.500Z', maximum timestamp lifetime is '00:05:00' and allowed clock skew is '00:05:00'.",
    ),
    ("wcf nonce", Cause.REPLAY, "MessageSecurityException: The nonce is invalid or replayed."),
    (
        "wcf fault with subcode",
        Cause.ADDRESSING,
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header><a:Action s:mustUnderstand="1">http://www.w3.org/2005/08/addressing/soap/fault</a:Action><a:RelatesTo>urn:uuid:0b44b7e0-2222-4e0e-a2ab-000000000001</a:RelatesTo></s:Header><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:ActionNotSupported</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">The message with Action \'urn:Pay\' cannot be processed at the receiver, due to a ContractFilter mismatch at the EndpointDispatcher.</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>',
    ),
    (
        "wcf certificate expired",
        Cause.EXPIRED,
        "The X509 certificate CN=payroll usage time is invalid.  The usage time '9/1/2021 10:00:00 AM' does not fall between NotBefore time '8/1/2019 12:00:00 AM' and NotAfter time '8/1/2021 12:00:00 AM'.",
    ),
    ("wcf negotiation", Cause.BAD_CREDENTIALS, "System.ServiceModel.Security.SecurityNegotiationException: The caller was not authenticated by the service. ---> System.ServiceModel.FaultException: The request for security token could not be satisfied because authentication failed."),
    ("wcf dns identity", Cause.UNTRUSTED_ISSUER, "Identity check failed for outgoing message. The expected DNS identity of the remote endpoint was 'localhost' but the remote endpoint provided DNS claim 'svc.corp'."),
    # WIF, AD FS
    ("wif not before", Cause.CLOCK_SKEW, "Microsoft.IdentityModel.Tokens.SecurityTokenNotYetValidException: ID4222: The SamlSecurityToken is not valid. NotBefore: '5/4/2013 9:00:12 AM' Current time: '5/4/2013 8:53:01 AM'"),
    ("wif audience", Cause.AUDIENCE_MISMATCH, "ID1038: The AudienceRestrictionCondition was not valid because the specified Audience is not present in AudienceUris.\nAudience: 'https://portal.example/'"),
    ("wif rollover", Cause.UNTRUSTED_ISSUER, "WIF10201: No valid key mapping found for securityToken: 'System.IdentityModel.Tokens.X509SecurityToken' and issuer: 'http://fs.example/adfs/services/trust'."),
    ("wif session replay", Cause.REPLAY, "System.IdentityModel.Tokens.SecurityTokenReplayDetectedException: ID1070: The token has already been used"),
    ("adfs italian", Cause.ADDRESSING, "Dettagli eccezione: \nMicrosoft.IdentityServer.RequestFailedException: MSIS7007: il trust della relying party richiesto 'urn:intranet' non è specificato o non è supportato."),
    ("adfs locked", Cause.BAD_CREDENTIALS, "Log Name:      Security\nSource:        AD FS Auditing\nDate:          4/2/2019 6:12:01 AM\nEvent ID:      411\nTask Category: (3)\nLevel:         Information\nKeywords:      Classic,Audit Failure\nUser:          CORP\\svc_adfs\nComputer:      fs1.corp.example\nDescription:\nToken validation failed. See inner exception for more details.\n\nError message:\nann@corp.example-The referenced account is currently locked out and may not be logged on to\n"),
    ("adfs unknown claims provider", Cause.UNTRUSTED_ISSUER, "Log Name:      AD FS 2.0/Admin\nSource:        AD FS 2.0\nDate:          4/2/2012 6:12:01 AM\nEvent ID:      147\nTask Category: None\nLevel:         Error\nComputer:      fs1.corp.example\nDescription:\nThe token could not be validated.\n"),
    # IdentityModel
    ("idx expired days", Cause.EXPIRED, "Microsoft.IdentityModel.Tokens.SecurityTokenExpiredException: IDX10223: Lifetime validation failed. The token is expired. ValidTo (UTC): '3/2/2023 8:00:00 AM', Current time (UTC): '3/5/2023 11:22:33 AM'."),
    ("idx not yet", Cause.CLOCK_SKEW, "IDX10222: Lifetime validation failed. The token is not yet valid. ValidFrom (UTC): '12/24/2023 10:12:00', Current time (UTC): '12/24/2023 10:05:01'."),
    ("idx kid", Cause.SIGNATURE_MISMATCH, "Bearer error=\"invalid_token\", error_description=\"The signature key was not found\"\nIDX10503: Signature validation failed. Token does not have a kid. Keys tried: 'System.Text.StringBuilder'."),
    ("idx issuer v1 v2", Cause.UNTRUSTED_ISSUER, "IDX10205: Issuer validation failed. Issuer: 'https://sts.windows.net/00000000-1111-2222-3333-444444444444/'. Did not match: validationParameters.ValidIssuer: 'https://login.microsoftonline.com/x/v2.0'"),
    ("idx algorithm", Cause.UNSUPPORTED, "IDX10634: Unable to create the SignatureProvider. Algorithm: 'HS512', SecurityKey: 'x' is not supported."),
    ("idx dots", Cause.MALFORMED, "IDX12741: JWT: 'x' must have three segments (JWS) or five segments (JWE)."),
    ("idx small key", Cause.UNSUPPORTED, "System.ArgumentOutOfRangeException: IDX10653: The encryption algorithm 'HS256' requires a key size of at least '128' bits. Key 'x', is of size: '48'."),
    ("idx no keys after metadata", Cause.OTHER, "System.InvalidOperationException: IDX20803: Unable to obtain configuration from: 'https://id.example/.well-known/openid-configuration'. ---> System.IO.IOException: IDX20804: Unable to retrieve document from: 'https://id.example/.well-known/openid-configuration'."),
    # Entra ID
    ("aadsts unknown user", Cause.BAD_CREDENTIALS, "MSAL.NetCore.4.36.0.MsalUiRequiredException: \n\tErrorCode: invalid_grant\nAADSTS50034: The user account ann@corp.example does not exist in the tenant directory. To sign into this application, the account must be added to the directory.\r\nTrace ID: 11111111-2222-3333-4444-555555555500\r\nTimestamp: 2022-03-04 10:11:12Z"),
    ("aadsts wrong password", Cause.BAD_CREDENTIALS, "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50126: Error validating credentials due to invalid username or password.\\r\\nTrace ID: 1\",\"error_codes\":[50126]}"),
    ("aadsts resource", Cause.AUDIENCE_MISMATCH, "AADSTS500011: The resource principal named api://orders was not found in the tenant named Contoso."),
    ("aadsts reply url", Cause.ADDRESSING, "AADSTS50011: The reply URL specified in the request does not match the reply URLs configured for the application"),
    ("aadsts policy", Cause.OTHER, "AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."),
    ("aadsts agent clock", Cause.CLOCK_SKEW, "AADSTS80013: OnPremisePasswordValidationTimeSkew - The authentication attempt could not be completed due to time skew between the machine running the authentication agent and AD."),
    ("aadsts revoked", Cause.REVOKED, "AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is needed. The grant was issued on '2021-02-03T04:05:06.0000000Z' and the TokensValidFrom date (before which tokens are not valid) for this user is '2021-06-07T08:09:10.0000000Z'"),
    # JWT libraries
    ("jjwt 0.12", Cause.EXPIRED, "io.jsonwebtoken.ExpiredJwtException: JWT expired 86400321 milliseconds ago at 2024-02-03T00:00:00.000Z. Current time: 2024-02-04T00:00:00.321Z. Allowed clock skew: 0 milliseconds."),
    ("pyjwt expired", Cause.EXPIRED, "Traceback (most recent call last):\n  File \"/srv/app/auth.py\", line 31, in check\n    claims = jwt.decode(token, key)\n  File \"/srv/v/jwt/api_jwt.py\", line 190, in _validate_exp\n    raise ExpiredSignatureError('Signature has expired')\njwt.exceptions.ExpiredSignatureError: Signature has expired\n"),
    ("pyjwt segments", Cause.MALFORMED, "jwt.exceptions.DecodeError: Not enough segments"),
    ("pyjwt audience", Cause.AUDIENCE_MISMATCH, "jwt.exceptions.InvalidAudienceError: Audience doesn't match"),
    ("pyjwt signature", Cause.SIGNATURE_MISMATCH, "jwt.exceptions.InvalidSignatureError: Signature verification failed"),
    ("node expired", Cause.EXPIRED, "TokenExpiredError: jwt expired\n    at /srv/node_modules/jsonwebtoken/verify.js:152:21\n    at getSecret (/srv/node_modules/jsonwebtoken/verify.js:90:14) {\n  expiredAt: 2023-05-06T07:08:09.000Z\n}"),
    ("node malformed", Cause.MALFORMED, "JsonWebTokenError: jwt malformed\n    at Object.module.exports [as verify] (/srv/node_modules/jsonwebtoken/verify.js:63:17)"),
    ("node signature", Cause.SIGNATURE_MISMATCH, "JsonWebTokenError: invalid signature"),
    ("node not active", Cause.CLOCK_SKEW, "NotBeforeError: jwt not active"),
    ("auth0 java", Cause.EXPIRED, "com.auth0.jwt.exceptions.TokenExpiredException: The Token has expired on Mon Jun 05 10:00:00 CEST 2023."),
    ("spring jwt", Cause.EXPIRED, "Failed to authenticate since the JWT was invalid: An error occurred while attempting to decode the Jwt: Jwt expired at 2023-06-05T10:00:00Z"),
    ("spring jwt signature", Cause.SIGNATURE_MISMATCH, "An error occurred while attempting to decode the Jwt: Signed JWT rejected: Invalid signature"),
    ("golang", Cause.EXPIRED, "level=error msg=\"token is expired by 12m4s\""),
    ("revoked", Cause.REVOKED, "flask_jwt_extended.exceptions.RevokedTokenError: Token has been revoked"),
    # SAML libraries
    ("node-saml", Cause.CLOCK_SKEW, "Error: SAML assertion not yet valid\n    at SAML.checkTimestampsValidityError (/srv/node_modules/node-saml/lib/saml.js:911:20)"),
    ("pysaml2", Cause.AUDIENCE_MISMATCH, "saml2.response: 'https://sp.example' not in ['https://other.example']\nException: Not for me!!!"),
    ("onelogin issuer", Cause.UNTRUSTED_ISSUER, "SAML Response rejected: Invalid issuer in the Assertion/Response (expected https://idp-a, got https://idp-b)"),
    ("onelogin destination", Cause.ADDRESSING, "The response was received at http://app.example/acs instead of https://app.example/acs"),
    ("saml authn failed", Cause.BAD_CREDENTIALS, '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/></samlp:StatusCode></samlp:Status>'),
    ("opensaml audience", Cause.AUDIENCE_MISMATCH, "org.opensaml.common.SAMLException: Local entity is not the intended audience of the assertion in at least one AudienceRestriction"),
    # WSS4J and relatives
    ("wss4j old", Cause.EXPIRED, "org.apache.ws.security.WSSecurityException: The message has expired (WSSecurityEngine: Invalid timestamp The security semantics of the message have expired)"),
    ("wss4j oaep", Cause.UNSUPPORTED, "org.apache.wss4j.common.ext.WSSecurityException: unsupported key transport encryption algorithm: http://www.w3.org/2009/xmlenc11#rsa-oaep"),
    ("wss4j future", Cause.CLOCK_SKEW, "WARN  Timestamp - Validation of Created: The message was created in the future!"),
    ("java not yet", Cause.CLOCK_SKEW, "Caused by: java.security.cert.CertificateNotYetValidException: NotBefore: Mon Jun 05 10:00:00 UTC 2023"),
    ("pkix", Cause.UNTRUSTED_ISSUER, "javax.net.ssl.SSLHandshakeException: sun.security.validator.ValidatorException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target"),
    ("user store outage", Cause.OTHER, "org.apache.axis2.AxisFault: The security token could not be authenticated or authorized\nCaused by: org.wso2.carbon.user.core.UserStoreException: Error obtaining connection. Communications link failure"),
    # AWS
    ("aws ahead", Cause.CLOCK_SKEW, "An error occurred (InvalidSignatureException) when calling the ListQueues operation: Signature not yet current: 20210203T101500Z is still later than 20210203T100501Z (20210203T100001Z + 5 min.)"),
    ("aws clock behind an hour", Cause.CLOCK_SKEW, "InvalidSignatureException: Signature expired: 20210203T090002Z is now earlier than 20210203T095502Z (20210203T100002Z - 5 min.)"),
    ("aws waited", Cause.DELAYED_PROCESSING, "SignatureDoesNotMatch: Signature expired: 20220303T030303Z is now earlier than 20220303T030304Z (20220303T031804Z - 15 min.)"),
    ("aws unknown key", Cause.BAD_CREDENTIALS, "botocore.exceptions.ClientError: An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid."),
    ("aws wrong secret", Cause.SIGNATURE_MISMATCH, "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message></Error>"),
    # Windows
    ("4625 locked rendered in english", Cause.BAD_CREDENTIALS, "Log Name:      Security\nSource:        Microsoft-Windows-Security-Auditing\nDate:          2/3/2022 10:11:12 AM\nEvent ID:      4625\nTask Category: Account Lockout\nLevel:         Information\nKeywords:      Audit Failure\nUser:          N/A\nComputer:      srv9\nDescription:\nAn account failed to log on.\n\nFailure Information:\n\tFailure Reason:\t\tAccount locked out.\n\tStatus:\t\t\t0xC0000234\n\tSub Status:\t\t0x0\n"),
    ("4625 clock", Cause.CLOCK_SKEW, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4625</EventID><Level>0</Level><TimeCreated SystemTime='2022-02-03T10:11:12.0Z'/><Channel>Security</Channel><Computer>srv9</Computer></System><EventData><Data Name='TargetUserName'>ann</Data><Data Name='Status'>0xc0000133</Data><Data Name='SubStatus'>0x0</Data></EventData></Event>"),
    ("kinit", Cause.CLOCK_SKEW, "kinit: Clock skew too great while getting initial credentials"),
    ("kinit password", Cause.BAD_CREDENTIALS, "kinit: KDC_ERR_PREAUTH_FAILED"),
    ("xp 529", Cause.BAD_CREDENTIALS, "Tipo de suceso:\tError de auditoría\nOrigen del suceso:\tSecurity\nCategoría del suceso:\tInicio/cierre de sesión\nId. suceso:\t529\nFecha:\t\t03/02/2006\nHora:\t\t10:11:12\nUsuario:\tNT AUTHORITY\\SYSTEM\nEquipo:\tSRV9\nDescripción:\nError de inicio de sesión:\n \tMotivo:\tNombre de usuario desconocido o contraseña incorrecta\n"),
    # OAuth, Keycloak
    ("oauth expired description", Cause.EXPIRED, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The token expired at '05/06/2023 07:08:09'\"\r\n"),
    ("oauth audience description", Cause.AUDIENCE_MISMATCH, "WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The audience 'api://a' is invalid\""),
    ("oauth signature description", Cause.SIGNATURE_MISMATCH, "WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The signature is invalid\""),
    ("keycloak login", Cause.BAD_CREDENTIALS, "2023-05-06 07:08:09,123 WARN  [org.keycloak.events] (executor-thread-5) type=LOGIN_ERROR, realmId=demo, clientId=web, userId=null, ipAddress=10.0.0.9, error=invalid_user_credentials, auth_method=openid-connect, username=ann"),
    ("google clock", Cause.CLOCK_SKEW, "google.auth.exceptions.RefreshError: ('invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.', {'error': 'invalid_grant'})"),
    ("google revoked", Cause.EXPIRED, "google.auth.exceptions.RefreshError: ('invalid_grant: Token has been expired or revoked.', {'error': 'invalid_grant'})"),
    ("kubernetes", Cause.EXPIRED, "E0405 10:11:12.131415       1 authentication.go:63] \"Unable to authenticate the request\" err=\"[invalid bearer token, service account token has expired]\""),
    # grammar that other products share
    ("reason behind a colon wins", Cause.EXPIRED, "2031-03-04T09:10:11Z gateway: signature validation with key 7 failed: token verification failed: token expired"),
    ("reason in a redirect", Cause.AUDIENCE_MISMATCH, "GET https://shop.example.test/cb?state=q1&error=access_denied&error_description=The+token%27s+audience+is+not+accepted&x=2 302"),
    ("code in a redirect", Cause.OTHER, "https://shop.example.test/#error=invalid_client&error_description=AADSTS650057%3a+Invalid+resource."),
    ("signed message an hour off", Cause.CLOCK_SKEW, "The message expired at 5/13/2031 10:13:20 AM and it is now 5/13/2031 1:00:35 PM."),
    ("signed request far off", Cause.CLOCK_SKEW, '{"error":{"developer_message":"Expired timestamp, yours 1930000000, ours 1930005400 (threshold 300).","reason_stack":["invalid_oauth_request"]}}'),
    ("web hook", Cause.CLOCK_SKEW, "Webhook refused: Timestamp outside the tolerance zone"),
    ("claim not set", Cause.MALFORMED, '{"error":"invalid_grant","error_description":"Invalid JWT: nbf (not before) is not set."}'),
    ("window of an assertion", Cause.CLOCK_SKEW, "saml: response of idp3 refused: NotBefore / NotOnOrAfter assertion failed"),
    ("fresh token, zone off", Cause.CLOCK_SKEW, FRESH),
    ("liberty in another language", Cause.SIGNATURE_MISMATCH, "[25.01.31, 07:27:34:650 MEZ] 000000cb TokenManagerImpl I CWWKS4001I: Das Token wurde von einem anderen Server erzeugt."),
    ("liberty saml", Cause.CLOCK_SKEW, "CWWKS5057E: The NotBefore attribute [2031-05-01T10:05:00.000Z] is out of range. The current time is [2031-05-01T10:00:00.000Z]. The current clock skew setting is 0 seconds."),
    ("directory", Cause.BAD_CREDENTIALS, "2031-05-01 10:00:00 [ERROR] bind of cn=svc: Invalid credentials (49)"),
    ("reuse of a refresh token", Cause.REPLAY, '{"type":"f7","description":"Unsuccessful exchange, reused refresh token detected","client":"web"}'),
    ("reason as one word", Cause.EXPIRED, "2031-11-14T12:01:17Z [warning] clientid: c7, mfa: authn_jwt:verify/2, msg: jwt_expired, exp: 1930000000"),
    ("revocation list out of reach", Cause.UNTRUSTED_ISSUER, "SecurityNegotiationException: chain of CN=pay failed. The revocation function was unable to check revocation because the revocation server was offline."),
    ("keytab", Cause.BAD_CREDENTIALS, "java.io.IOException: Failed to login for principal=svc@EXAMPLE.TEST, keytab=/etc/svc.keytab. Check that it is still valid."),
)  # fmt: skip
"""Name, the cause to come first, the log."""

HEALTHY: Final[tuple[tuple[str, str], ...]] = (
    ("issued", "2023-05-06 07:08:09 INFO TokenService - token issued for ann, expires in 3600 s"),
    ("renewed", "2023-05-06 07:08:09 INFO OAuth2Client - access token refreshed before it expired"),
    ("4624", "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4624</EventID><Level>0</Level><TimeCreated SystemTime='2022-02-03T10:11:12.0Z'/><Channel>Security</Channel><Computer>srv9</Computer></System><EventData><Data Name='TargetUserName'>ann</Data><Data Name='LogonType'>3</Data></EventData></Event>"),
    ("preauth required", "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4768</EventID><Level>0</Level><TimeCreated SystemTime='2022-02-03T10:11:12.0Z'/><Channel>Security</Channel><Computer>dc1</Computer></System><EventData><Data Name='TargetUserName'>ann</Data><Data Name='Status'>0x19</Data></EventData></Event>"),
    ("4776 good", "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4776</EventID><Level>0</Level><TimeCreated SystemTime='2022-02-03T10:11:12.0Z'/><Channel>Security</Channel><Computer>dc1</Computer></System><EventData><Data Name='TargetUserName'>ann</Data><Data Name='Status'>0x0</Data></EventData></Event>"),
    ("schannel", "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Schannel'/><EventID>36887</EventID><Level>2</Level><TimeCreated SystemTime='2022-02-03T10:11:12.0Z'/><Channel>System</Channel><Computer>dc1</Computer></System><EventData><Data Name='AlertDesc'>40</Data></EventData></Event>"),
    ("healthy envelope", '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><s:Header><a:Action>urn:Pay</a:Action><o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><u:Timestamp><u:Created>2022-02-03T10:11:12Z</u:Created></u:Timestamp></o:Security></s:Header><s:Body><Pay/></s:Body></s:Envelope>'),
    ("disk", "2023-05-06 07:08:09 ERROR DiskMonitor - volume C: is full\n   at Contoso.Disk.Monitor.Check()\n"),
    ("http 404", "10.0.0.1 - - [06/May/2023:07:08:09 +0000] \"GET /token/expired.html HTTP/1.1\" 404 153"),
    ("codes in a table", 'var refused = map[string]bool{ "ExpiredTokenException": true, "AccessDenied": true }'),
    ("messages of a guide", "Users see: The Assertion is not yet valid. Current time is `${now}` and NotBefore is `${notBefore}`"),
    ("plan of a change", "Add support of the timestamp header; this will create expired information for the sample request"),
    ("idx fine", "dbug: Microsoft.IdentityModel.LoggingExtensions.IdentityLoggerAdapter[0]\n      IDX10239: Lifetime of the token is valid.\n      IDX10234: Audience Validated.Audience: 'api'"),
)  # fmt: skip
"""Logs in which nothing was refused."""
