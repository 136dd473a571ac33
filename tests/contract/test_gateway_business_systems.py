"""The sandbox company keeps B1 to B5 through a signed gateway too, over real HTTP on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.business.gateway import SECRET, Gateway
from adapters.business.sandbox import server
from adapters.business.sandbox.sandbox import Sandbox
from adapters.business.sandbox.server import GatewayServer
from adapters.local.clock import SystemClock
from adapters.local.ids import LocalIds
from adapters.local.secrets import LocalSecrets
from tests.contract import test_local_business_systems as local
from tests.contract.business_systems import BusinessSystemsContract, Fault

A_SECRET = b"a secret of 32 bytes and no more"


@dataclass(frozen=True, slots=True)
class CompanyBehindGateway:
    """A company, and the gateway as the platform reaches it."""

    company: Sandbox
    business_systems: Gateway


@contextmanager
def open_company(folder: Path) -> Iterator[CompanyBehindGateway]:
    """A fresh company behind a server on 127.0.0.1, gone when the block ends."""
    clock, ids = SystemClock(), LocalIds()
    secrets = LocalSecrets(folder / "secrets", ids)
    for name in (SECRET, server.SECRET):
        secrets.put(name, A_SECRET)
    with closing(Sandbox(folder)) as company, GatewayServer(company, secrets, clock) as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield CompanyBehindGateway(company, Gateway(serving.url, secrets, clock, ids))
        finally:
            serving.shutdown()
            thread.join()


class BehindTheGateway(BusinessSystemsContract):
    """Supplies a fresh company behind its gateway."""

    @pytest.fixture
    def provider(self, tmp_path: Path) -> Iterator[CompanyBehindGateway]:
        with open_company(tmp_path) as opened:
            yield opened

    def break_down(self, provider: CompanyBehindGateway, fault: Fault | None) -> None:
        provider.company.set_fault(self.example.system, fault)


class TestBilling(BehindTheGateway):
    example = local.TestBilling.example


class TestAccounts(BehindTheGateway):
    example = local.TestAccounts.example


class TestOrders(BehindTheGateway):
    example = local.TestOrders.example
