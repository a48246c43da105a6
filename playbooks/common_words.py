"""Words so common that a name made of them alone is looked for exactly as it is written. Pure data."""

from __future__ import annotations

from typing import Final

_LEGAL_FORMS = """
ab ag aps as asa bhd bv bvba co coltd company corp corporation cv eg ehf eurl ev fzco fze gbr gmbh group
holding holdings inc incorporated jsc kft kg kgaa kk limited llc llp lp ltd ltda ltdco mbh nv oao oo ood
ou oy oyj plc pllc private pte pty public pvt sa sab sae sarl sas sca se sicav sl slu snc spa spk spzoo
srl sro tbk ug vof
"""
_GENERIC_CONTACT = """
a and breach call center centre chief ciso client compliance contact controller customer data department
desk dpo duty email emergency escalation first for general head help helpdesk hotline incident
information it legal line mailbox main manager of office officer on operations phone portal privacy
protection response second security service services soc support team telephone the us
"""
_PUBLIC_MAIL = """
aol.com fastmail.com gmail.com gmx.com gmx.de gmx.net googlemail.com hotmail.com icloud.com live.com
mail.ru me.com msn.com naver.com outlook.com proton.me protonmail.com qq.com rediffmail.com t-online.de
web.de yahoo.co.in yahoo.com yandex.com yandex.ru zoho.com
"""
_COMMON = """
about access account accounts across act action active after again agency air all alpha also always
amber an answer any apple application applications are area as at atlas authority back bank base be
beacon because been before best beta between big black block blue bridge bright broad build business but
by can capital card cards care case cases cause chain change charge check choice circle city class clear
close cloud code common concern connect consequence consequences copy core could country credit cross
current day days dear delta detail details digital direct do drive due each eagle early east echo
element end energy enterprise era eu europe even event every express fact fair far fast few field file
files finance financial find fire five focus force form found four free fresh from front full future gap
gate global go gold good government great green grid grow harbor harbour has have health her here high
his home hope hospital hotel hours house how hub i if impact in individual insight insurance
international is its key kind know known label lake land last late law lead leaf level life light like
likely limit link list live local log logs long loop low made mail make many march mark market match
matter may maybe measure measures media meet member men mobile more most mount name names national
network new next no none north not note notice now number numbers ocean off one online open or orange
order other our out over own page paper park part partner partners path pay payment payments people
person personal persons pilot place plan platform point port power present press prime pro process
product production project prompt pulse purpose quick range rapid reach ready real reason reasons
recipient record records red region report reports request resource result retail right risk river road
rock role root round safe sage sales same save school scope sea search see sender sense sent set seven
shared shell shop show side signal silver since site six sky small smart so solution solutions some
source south space spark special speed spring square staff stage standard star start state states
station stay step still stone store stream street strong such sun supply swift system systems take
target tech technology ten term test than that their them then there these they thing this those three
through tide time to told tool total touch track trade travel tree true trust two type under union unit
united unity universal up update use user users value via view visa vision want was water wave way we
web week well were west what when where which while white who whom wide will win wind window wire wise
with within without wood word work works world would year yes yet you young your zero zone admin
administrator guest export report system
"""

LEGAL_FORMS: Final = frozenset(_LEGAL_FORMS.split())
GENERIC_CONTACT: Final = frozenset(_GENERIC_CONTACT.split())
"""A contact called by these words alone is a post that every client has, and tells of none."""
PUBLIC_MAIL: Final = frozenset(_PUBLIC_MAIL.split())
"""Where anybody may have an address: the domain alone is nobody's."""
COMMON: Final = GENERIC_CONTACT | frozenset(_COMMON.split())
