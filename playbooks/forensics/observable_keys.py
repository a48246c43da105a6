"""Under which keys the tools put what they saw, as letters and digits alone: `src_ip` is `srcip`.

Taken from the vendors' documented alert formats: Elastic Common Schema, OCSF, AWS GuardDuty and Security Hub,
Microsoft Defender, Graph and Sentinel, CrowdStrike, SentinelOne, Wazuh, Suricata, Okta, Falco, Splunk.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_OF_KIND: Final[Mapping[str, str]] = {
    "account": """
        account accountname actor actoruser actorusername agentlogin alternateid dstuser dvcuser employeeid
        initiatinguser login loginname logonname ownerusername principal principalname processuser
        processusername samaccountname srcuser srcusername subjectusername suser targetusername targetuser
        user useraccount userid useridentifier username userprincipalname users upn accountupn
        """,
    "address": """
        address ip clientip destinationaddress destinationip destip dstendpointip dstip externalip hostip
        idorigh idresph ipaddress ipaddressv4 ipv4 ipv6 ipv4addresses ipv6addresses localip
        privateipaddress publicip remoteaddress remoteip remoteipaddress senderip
        sourceaddress sourceip sourceipaddress srcendpointip srcip ipaddresses actorip callerip callingip aip
        """,
    "domain": """
        destdomain destinationdomain dnsdomain dnsquery dnsquestionname domain domainname fqdn queryname
        registereddomain remotedomain rrname senderdomain
        """,
    "url": "requesturl urlfull urloriginal maliciousurl clickedurl fileurl downloadurl url",
    "email": """
        email emailaddress fromaddress mailfrom recipient recipientaddress recipientemailaddress recipients
        replyto sender senderaddress senderemail senderfromaddress toaddress useremail actoremail emailaddr
        """,
    "host": """
        agentcomputername agenthostname agentname computer computername computerdnsname desthost desthostname
        devicedisplayname devicehostname devicename dvchost dvchostname endpointname host hostdnsname hostname
        instanceid machine machinename nodename servername shost srchost srchostname
        workstation workstationname
        """,
    "file": """
        attachmentname devicefilename file filename filepath files filesname filespath fname imagefilename
        objectkey processexecutable processpath s3objectkey s3objectpath targetfilename attachment
        """,
    "hash": """
        filehash filehashmd5 filehashsha1 filehashsha256 hash hashmd5 hashsha1 hashsha256 md5 md5string sha1
        sha1string sha256 sha256string filesha1 filesha256 filemd5 contenthash
        """,
}

KIND_OF_KEY: Final[Mapping[str, str]] = MappingProxyType(
    {key: kind for kind, keys in _OF_KIND.items() for key in keys.split()}
)
"""The kind of what stands under a key; a dotted or nested key counts with its last two parts too."""
