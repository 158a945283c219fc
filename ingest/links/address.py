"""Check web addresses before anything is sent: their form, and the machines that they lead to."""

from __future__ import annotations

import ipaddress
import socket

import httpx

from kb.errors import FetchFailed

LONGEST = 2_000  # characters of an address
SHOWN = 120  # characters of an address in a message
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # the last 32 bits are an IPv4 address
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def read_address(text: str) -> httpx.URL:
    """Read a web address. Raises FetchFailed for one of another scheme, with a user's name, or that is none."""
    shown = shorten_address(text)
    if len(text) > LONGEST or not text.isprintable() or " " in text:
        raise FetchFailed(f"{shown} is not a web address; paste it as the browser shows it")
    try:
        address = httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchFailed(f"{shown} is not a web address ({error}); paste it as the browser shows it") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise FetchFailed(f"{shown} is not a web address; it must begin with https:// or http://")
    if address.userinfo or "@" in address.netloc.decode("ascii", "replace"):
        raise FetchFailed("An address with a user's name or a password in it is not fetched; leave them out")
    if address.port is not None and not 0 < address.port < 65_536:
        raise FetchFailed(f"{shown} is not a web address: no server has the port {address.port}")
    return address.copy_with(fragment=None)


def resolve_host(host: str, port: int, *, private: bool = False) -> list[str]:
    """Return the IP addresses of a host, all of them checked; `private` permits those of this machine and network.

    Raises FetchFailed when the host is unknown, or when one of its addresses may not be reached.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"{shorten_address(host)} cannot be found; check the address and the network") from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    for address in addresses:
        if not _is_permitted(ipaddress.ip_address(address), private=private):
            advice = "" if private else "; where links may lead to machines of your own network, set KB_LINKS_PRIVATE=1"
            raise FetchFailed(f"{shorten_address(host)} is no public address{advice}")
    return addresses


def shorten_address(text: str) -> str:
    """Shorten an address for a message of one line."""
    line = "".join(letter if letter.isprintable() else "?" for letter in text[:SHOWN])
    return line if len(text) <= SHOWN else f"{line}…"


def _is_permitted(address: IPAddress, *, private: bool) -> bool:
    """Whether a connection may be made to an IP address: a public one, or with `private` one of this network."""
    inner = _unwrap(address)
    if inner.is_multicast or inner.is_reserved or inner.is_link_local or inner.is_unspecified:
        return private and inner.is_loopback  # ::1 lies within a reserved range
    if isinstance(inner, ipaddress.IPv6Address) and inner.is_site_local:
        return private
    return inner.is_global or (private and inner.is_private)


def _unwrap(address: IPAddress) -> IPAddress:
    """Return the IPv4 address inside an IPv6 one that only carries it."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address
