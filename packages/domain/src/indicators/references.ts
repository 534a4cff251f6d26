/** Registrable domains that reports link to and mention; a plain mention says nothing about a threat. */
export const referenceDomains = new Set(
  `adobe.com alienvault.com amazon.com android.com any.run apache.org apple.com archive.org arxiv.org
  attackiq.com bing.com bitdefender.com bleepingcomputer.com cert.at checkpoint.com cisa.gov cisco.com cloudflare.com
  crowdstrike.com debian.org docker.com eset.com europa.eu europol.europa.eu example.com example.net example.org
  facebook.com fbi.gov fireeye.com first.org fortinet.com github.com githubusercontent.com gitlab.com google.com
  hybrid-analysis.com ibm.com instagram.com intel.com justice.gov kaspersky.com kernel.org linkedin.com
  mandiant.com mcafee.com medium.com microsoft.com misp-project.org mitre.org mozilla.org msdn.com ncsc.gov.uk
  nist.gov npmjs.com office.com openssl.org oracle.com paloaltonetworks.com proofpoint.com pypi.org python.org
  redhat.com reddit.com reuters.com rfc-editor.org sans.edu sans.org schema.org securelist.com sentinelone.com
  shodan.io slack.com sophos.com splunk.com stackoverflow.com symantec.com talosintelligence.com thedfirreport.com
  trendmicro.com twitter.com ubuntu.com urlscan.io us-cert.gov virustotal.com vmware.com w3.org welivesecurity.com
  wikipedia.org windows.com x.com yahoo.com youtu.be youtube.com zdnet.com`.split(/\s+/),
)

/** Public resolvers: a plain mention of one is a connectivity check or an example. */
export const referenceAddresses = new Set([
  '1.0.0.1',
  '1.1.1.1',
  '4.2.2.2',
  '8.8.4.4',
  '8.8.8.8',
  '9.9.9.9',
  '208.67.222.222',
  '208.67.220.220',
])

/** Files that come with Windows or that every program loads; their bare name says nothing. */
export const referenceFiles = new Set(
  `advapi32.dll amsi.dll bitsadmin.exe certutil.exe cmd.exe cmstp.exe comctl32.dll comsvcs.dll conhost.exe control.exe
  crypt32.dll cscript.exe csrss.exe dllhost.exe dnsapi.dll dwm.exe excel.exe explorer.exe gdi32.dll iexplore.exe
  installutil.exe kernel32.dll kernelbase.dll lsass.exe lsm.exe mmc.exe msbuild.exe mscoree.dll mshta.exe msiexec.exe
  msvcrt.dll net.exe net1.exe netapi32.dll netsh.exe notepad.exe ntdll.dll ntoskrnl.exe ole32.dll oleaut32.dll
  outlook.exe ping.exe powerpnt.exe powershell.exe psapi.dll pwsh.exe reg.exe regasm.exe regsvcs.exe regsvr32.exe
  rpcrt4.dll rundll32.exe runtimebroker.exe sc.exe schtasks.exe services.exe shell32.dll shlwapi.dll smss.exe
  spoolsv.exe svchost.exe systeminfo.exe taskhost.exe taskhostw.exe taskkill.exe tasklist.exe taskmgr.exe urlmon.dll
  user32.dll userenv.dll userinit.exe vssadmin.exe wevtutil.exe whoami.exe win32k.sys wininet.dll wininit.exe
  winlogon.exe winword.exe wmic.exe wmiprvse.exe ws2_32.dll wscript.exe wsock32.dll wtsapi32.dll wuauclt.exe`.split(
    /\s+/,
  ),
)

/** Products whose name looks like a script: `Node.js` is no file. */
export const productNames = new Set(
  `angular.js backbone.js chart.js crypto.js d3.js discord.js ember.js express.js jquery.js moment.js next.js node.js
  nuxt.js p5.js react.js require.js socket.io three.js vue.js`.split(/\s+/),
)
