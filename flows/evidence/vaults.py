"""The vault of a house."""

from __future__ import annotations

from flows.house import House
from store.vault import Vault, open_vault


def vault_of(house: House) -> Vault:
    """The vault that the settings name, under the store's keys; raises SetupFault."""
    return open_vault(house.settings.evidence_url, house.store.keyring)
