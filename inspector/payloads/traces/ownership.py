"""Tells a program's own frames from those of frameworks and language libraries. To know one more, add it to a tuple."""

from __future__ import annotations

import re
from typing import Final

FRAMEWORK_SYMBOLS: Final[tuple[str, ...]] = (
    # .NET
    "System.", "Microsoft.", "Interop.", "Internal.", "MS.", "Windows.", "mscorlib.", "lambda_method", "CoreWCF.", "Newtonsoft.", "Castle.",
    "Autofac.", "Serilog.", "NLog.", "log4net.", "NHibernate.", "Polly.", "MediatR.", "Owin.", "Duende.", "IdentityServer4.", "IdentityModel.",
    "Swashbuckle.", "Dapper.", "Hangfire.", "Quartz.", "MassTransit.", "Grpc.", "Amazon.", "Azure.", "ASP.", "Sustainsys.", "ITfoxtec.",
    # Java and its relatives
    "java.", "javax.", "jakarta.", "jdk.", "sun.", "com.sun.", "com.oracle.", "oracle.", "weblogic.", "com.bea.", "com.ibm.", "org.apache.",
    "org.springframework.", "org.opensaml.", "org.eclipse.", "org.jboss.", "org.wildfly.", "org.hibernate.", "org.keycloak.", "org.glassfish.",
    "org.w3c.", "org.xml.", "org.slf4j.", "org.codehaus.", "org.bouncycastle.", "org.mortbay.", "org.jose4j.", "org.pac4j.", "org.wso2.", "org.xnio.",
    "org.junit.", "org.mockito.", "org.gradle.", "io.jsonwebtoken.", "io.undertow.", "io.netty.", "io.quarkus.", "io.vertx.", "io.micrometer.",
    "io.grpc.", "io.opentelemetry.", "io.reactivex.", "reactor.", "rx.", "kotlin.", "kotlinx.", "scala.", "groovy.", "clojure.", "akka.", "play.",
    "ch.qos.logback.", "com.auth0.", "com.nimbusds.", "com.google.", "com.fasterxml.", "com.microsoft.", "com.amazonaws.", "software.amazon.",
    "com.zaxxer.", "com.netflix.", "okhttp3.", "retrofit2.", "feign.", "net.bytebuddy.", "net.sf.cglib.", "android.", "androidx.", "com.android.", "dalvik.",
    "com.facebook.react.",
    # Go
    "runtime.", "runtime/", "net/http.", "net/http/", "crypto/", "encoding/", "database/sql", "google.golang.org/", "golang.org/", "reflect.", "testing.",
    "sync.", "syscall.", "internal/", "created by net/http", "panic(",
    # PHP
    "GuzzleHttp\\", "Symfony\\", "Illuminate\\", "Aws\\", "Psr\\", "Composer\\", "Doctrine\\", "Laravel\\", "Monolog\\", "Firebase\\JWT", "OneLogin\\",
    "Zend\\", "Laminas\\", "PHPUnit\\", "SimpleSAML\\",
    # JavaScript engines
    "process.", "Module.", "node:", "Promise.", "Function.Module", "listOnTimeout", "tryOnTimeout", "processTicksAndRejections",
)  # fmt: skip
"""Beginnings of symbols."""

_FILES: Final = re.compile(
    r"site-packages|dist-packages|[/\\]lib[/\\](?:python|ruby)|[/\\]gems[/\\]|[/\\]node_modules[/\\]|(?:^|[/\\])vendor[/\\]|^node:|^internal[/\\]"
    r"|^<frozen |^\[internal function\]|^phar:|[/\\]usr[/\\]local[/\\]go[/\\]src|[/\\]pkg[/\\]mod[/\\]|\(native\)|^native$|^(?:node|events|net|module|timers|_\w+)\.js$"
    r"|(?:^|/)GuzzleHttp/|(?:^|/)Aws/"
)
_PYTHON_LIBRARY: Final = re.compile(
    r"^(?:runpy|importlib(?:\.\w+)*|asyncio(?:\.\w+)*|concurrent(?:\.\w+)*|threading|socket|ssl|http(?:\.\w+)*|urllib(?:\.\w+)*|json(?:\.\w+)*|"
    r"multiprocessing(?:\.\w+)*|unittest(?:\.\w+)*|contextlib|functools|inspect|logging(?:\.\w+)*|jwt(?:\.\w+)*|requests(?:\.\w+)*|urllib3(?:\.\w+)*|"
    r"botocore(?:\.\w+)*|boto3(?:\.\w+)*|django(?:\.\w+)*|rest_framework\w*(?:\.\w+)*|flask(?:\.\w+)*|werkzeug(?:\.\w+)*|aiohttp(?:\.\w+)*|"
    r"starlette(?:\.\w+)*|fastapi(?:\.\w+)*|sqlalchemy(?:\.\w+)*|msal(?:\.\w+)*|onelogin(?:\.\w+)*|saml2(?:\.\w+)*)$"
)
_MODULE: Final = re.compile(r"^[\w.$\-]*//?(?=[\w.$]+\.)|^[\w.$\-]+@[\w.\-]+/")


def is_own(symbol: str, file: str = "") -> bool:
    """Whether a frame belongs to the program itself. A Java module name in front (``java.base/``) does not count."""
    if file and (_FILES.search(file) or _PYTHON_LIBRARY.match(file)):
        return False
    bare = (_MODULE.sub("", symbol) if "/" in symbol else symbol).removeprefix("async ").removeprefix("new ")
    return not (bare.startswith(FRAMEWORK_SYMBOLS) or symbol.startswith(FRAMEWORK_SYMBOLS))
