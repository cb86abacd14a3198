"""Address and TLS: whether the name leads to a server that browsers trust."""

from __future__ import annotations

import asyncio
import errno
import ssl
import warnings
from typing import TYPE_CHECKING

from jitsi_oac_plugin.doctor.findings import NotChecked, Silent, ToMend
from jitsi_oac_plugin.doctor.network import blind_context, connected, is_numeric, why
from jitsi_oac_plugin.doctor.server import Server

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

LEAST_DAYS = 14
_NO_WAY = {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_EXPIRED = 10
_NOT_YET = 9
_OF_ITSELF = {18, 19}
_UNKNOWN_ISSUER = {2, 20, 21}


async def address(server: Server) -> str:
    """Look whether every address of the name answers."""
    target = server.target
    found = await server.addresses(target.host)

    async def problem(one: str) -> str:
        try:
            async with connected(one, target.port, limit_s=target.limit_s / 2):
                return ""
        except (OSError, TimeoutError) as error:
            # Where this machine has no IPv6, that says nothing of the server.
            if isinstance(error, OSError) and error.errno in _NO_WAY and ":" in one:
                return ""
            return f"{one} port {target.port}: {why(error, limit_s=target.limit_s / 2)}"

    problems = [one for one in await asyncio.gather(*map(problem, found)) if one]
    if problems:
        raise ToMend(
            f"{target.host} is not there at {'; '.join(problems)}. Start the web server, open the "
            "port in the firewall, or take the address out of the DNS."
        )
    given = " (as given)" if target.address else ""
    return f"{target.host} answers at {', '.join(found)}{given}"


async def chain(server: Server) -> str:
    """Look whether the certificate leads to an authority that browsers know."""
    target = server.target
    if target.insecure:
        raise NotChecked("certificates are not checked, as asked by --insecure.")
    context = ssl.create_default_context(cafile=target.ca_file)
    if target.ca_file:
        context.load_default_certs()
    context.check_hostname = False
    try:
        await _shake_hands(server, context)
    except ssl.SSLCertVerificationError as error:
        raise _chain_verdict(error) from error
    except (ssl.SSLError, Silent) as error:
        raise NotChecked("no certificate could be read; see 'TLS'.") from error
    by = f"the authority in {target.ca_file}, or one that" if target.ca_file else "one that"
    return f"the certificate is signed by {by} this machine trusts"


def _chain_verdict(error: ssl.SSLCertVerificationError) -> Exception:
    if error.verify_code in (_EXPIRED, _NOT_YET):
        return NotChecked("the certificate is out of its time; see 'certificate time'.")
    if error.verify_code in _OF_ITSELF:
        return ToMend(
            "The certificate is signed by itself or by a private authority: use one that browsers "
            "know, or install the town's authority everywhere and give it here with --ca."
        )
    if error.verify_code in _UNKNOWN_ISSUER:
        return ToMend(
            "The certificate's issuer is not known: serve the whole chain (fullchain.pem), or give "
            "the town's own authority with --ca."
        )
    return ToMend(f"The certificate is not trusted: {error.verify_message}.")


async def name(server: Server) -> str:
    """Look whether the certificate is made for this name."""
    host = server.target.host
    names = _names(await _certificate(server))
    if not any(_fits(host, one) for one in names):
        shown = ", ".join(names[:5]) or "no name at all"
        raise ToMend(f"The certificate is for {shown}, not for {host}: ask for one with this name.")
    return f"the certificate is for {host}"


async def lifetime(server: Server) -> str:
    """Look how long the certificate still holds."""
    found = await _certificate(server)
    now = server.target.now()
    if found.not_valid_before_utc > now:
        raise ToMend(
            f"The certificate holds only from {found.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on: "
            "compare this machine's clock, or ask for another one."
        )
    days = (found.not_valid_after_utc - now).days
    if found.not_valid_after_utc <= now:
        raise ToMend(
            f"The certificate has expired on {found.not_valid_after_utc:%Y-%m-%d}: renew it, and "
            "let a timer do it from now on."
        )
    if days < LEAST_DAYS:
        raise ToMend(
            f"The certificate expires in {days} days: look why it was not renewed by itself."
        )
    return f"the certificate holds for {days} more days"


async def protocol(server: Server) -> str:
    """Look which versions of TLS are spoken."""
    try:
        spoken = await _shake_hands(server, blind_context())
    except ssl.SSLError as error:
        raise ToMend(f"TLS fails: {why(error, limit_s=server.target.limit_s)}.") from error
    try:
        old = await _shake_hands(server, _old_context())
    except (OSError, Silent):
        return spoken.version
    raise ToMend(
        f"The server still speaks {old.version}, which RFC 8996 forbids: allow TLSv1.2 and TLSv1.3 "
        "alone (nginx: ssl_protocols)."
    )


def _old_context() -> ssl.SSLContext:
    context = blind_context()
    with warnings.catch_warnings():
        # Python warns of what is being looked for here.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


class _Spoken:
    def __init__(self, tls: ssl.SSLObject) -> None:
        self.version = tls.version() or "no TLS"
        self.certificate = tls.getpeercert(binary_form=True) or b""


async def _shake_hands(server: Server, context: ssl.SSLContext) -> _Spoken:
    target = server.target
    host = await server.address()
    try:
        async with connected(
            host, target.port, limit_s=target.limit_s, tls=context, name=target.host
        ) as wire:
            if wire.tls is None:
                raise Silent(f"{target.domain} does not speak TLS.")
            return _Spoken(wire.tls)
    except ssl.SSLError:
        raise
    except (OSError, TimeoutError) as error:
        reason = why(error, limit_s=target.limit_s)
        raise Silent(
            f"{target.domain} takes connections and speaks no TLS: {reason}. Look what listens there."
        ) from error


async def _certificate(server: Server) -> Certificate:
    from cryptography.x509 import load_der_x509_certificate

    try:
        spoken = await _shake_hands(server, blind_context())
        return load_der_x509_certificate(spoken.certificate)
    except (ssl.SSLError, ValueError, Silent) as error:
        raise NotChecked("no certificate could be read; see 'TLS'.") from error


def _names(certificate: Certificate) -> list[str]:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    addresses = [str(one) for one in found.get_values_for_type(x509.IPAddress)]
    return [*found.get_values_for_type(x509.DNSName), *addresses]


def _fits(host: str, pattern: str) -> bool:
    if pattern.startswith("*.") and not is_numeric(host):
        return host.partition(".")[2].lower() == pattern[2:].lower()
    return host.lower() == pattern.lower()
