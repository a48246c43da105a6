"""What every process of the house shares: settings, store, playbooks, law, and the way to Prefect."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

from flows.prefect_api import PrefectApi
from flows.settings import Settings
from flows.trusting import Trust
from playbooks.alerts.rules import AlertRules, load_alert_rules
from playbooks.calendars import Calendars, load_calendars
from playbooks.errors import FileFaults, SeventytwoError
from playbooks.law import Rule
from playbooks.library import Library, load_playbooks
from playbooks.models import Playbook
from playbooks.rulebook import load_rules
from store.database import Store
from store.seal import Keyring


@dataclass(frozen=True)
class House:
    """The opened store with the settings it was opened by."""

    settings: Settings
    store: Store

    @cached_property
    def api(self) -> PrefectApi:
        """The way to the Prefect server."""
        return PrefectApi(self.settings.prefect_url, self.settings.prefect_auth)

    @cached_property
    def trust(self) -> Trust:
        """The playbooks with their signatures, and which of them may be used; raises FileFaults."""
        from flows.fitness import unfit  # noqa: PLC0415 - the actions themselves need the house

        library = load_playbooks(self.settings.playbook_folders)
        if faults := tuple(fault for playbook in library.every() for fault in unfit(playbook)):
            raise FileFaults(faults)
        return Trust(self.settings, library)

    @property
    def playbooks(self) -> Library:
        """Every playbook of the library and of the organisation's own folders; raises FileFaults."""
        return self.trust.library

    @cached_property
    def alert_rules(self) -> AlertRules:
        """The rules of what becomes of an alert, those of the organisation first; raises FileFaults."""
        rules = load_alert_rules(self.settings.alert_rule_folders)
        if faults := rules.playbook_faults(self.playbooks):
            raise FileFaults(faults)
        return rules

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """Every version of every rule of law, by `id@version`."""
        return load_rules(self.settings.law_folders, self.calendars)

    @cached_property
    def calendars(self) -> Calendars:
        """Every calendar of working days, with the organisation's own closures."""
        return load_calendars(self.settings.calendar_folders)

    def playbook(self, name: str) -> Playbook:
        """The playbook of that id, or `id@version`; raises NotFound with those there are."""
        return self.playbooks.named(name)


def open_house(settings: Settings) -> House:
    """Open the store of `settings`; raises SetupFault for a missing key or a migration behind."""
    store = Store.open(settings.database_url, Keyring.from_env_or_file(settings.key_file))
    try:
        store.check_migrated()
    except SeventytwoError:
        store.close()
        raise
    return House(settings, store)


@cache
def house() -> House:
    """This process's house, opened once from the environment."""
    return open_house(Settings.from_env())
