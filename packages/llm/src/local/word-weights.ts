/**
 * How much a word says, in place of an inverse document frequency: set by hand in four classes and frozen, so that a vector
 * depends on nothing but its own text. Any change of this file changes the space: raise VERSION in `hashing-embedding.ts`.
 */
const CLASSES: [weight: number, words: string][] = [
  [
    0.1,
    // Grammar: articles, pronouns, prepositions, auxiliaries.
    `a an the this that these those and or but nor not no of in on at to from for with by as into onto over under between
    through during before after above below up down out off again further then once here there is are was were be been being
    am do does did done have has had having will would shall should can could may might must it its itself he him his she her
    they them their theirs we us our ours you your yours i me my who whom whose which what when where why how all any both
    each few more most other some such only own same so than too very just also if because until while about against s t d ll
    re ve don isn doesn didn won wasn aren couldn however therefore thus hence well even still yet already within without
    upon via per among across along since although though whether either neither e g i etc`,
  ],
  [
    0.3,
    // The commonest content words of any English prose, and the furniture of web pages.
    `one two three four five six seven eight nine ten first second third last next new old use uses used using user users make
    makes made making take takes taken taking get gets got give given find found finding see seen show shows shown known know
    like many much several various different another every number part parts way ways time times day days week month months
    year years today now date january february march april june july august september october november december monday
    tuesday wednesday thursday friday people person group groups work works working need needs needed able want come comes
    came go goes going went look looks help helps follow follows followed following include includes included including
    contain contains contained containing provide provides provided base based case cases example examples order result
    results fact point points end start started begin began set sets list listed name names named called call calls type types
    form kind high low large small long short great good bad best better early late later recent recently current currently
    previous previously possible likely able available important main major common general specific similar certain full
    single multiple additional own real main world country company companies organization organizations business government
    state public report reports reported reporting article post posts blog read share page pages click source sources image
    figure table section below above note view updated update updates published author team analysis analyst analysts
    research researcher researchers say says said according believe believed think observed identified discovered detected
    noticed analyzed described mentioned appears appear seems seem become became allow allows allowed allowing enable enables
    create creates created creating add added change changes changed changing run runs running ran execute executed executes
    open opens opened opening close send sends sent sending receive received try tries tried keep left right back return
    returns check checks support supports required require requires continue continued remain perform performs performed
    performing attempt attempts target targets targeted targeting further information data content value values step steps
    process processes method methods function functions feature features way level line lines text word words string strings
    com www http https html htm php org net`,
  ],
  [
    0.55,
    // Words that most reports on threats share.
    `attack attacks attacker attackers malware malicious threat threats actor actors campaign campaigns security cyber
    infection infected infect victim victims compromise compromised computer computers system systems machine machines host
    hosts device devices network networks internet web website websites site sites server servers service services client
    software program application applications tool tools code script scripts file files folder directory path document
    documents download downloads downloaded downloading downloader upload payload payloads sample samples binary executable
    module modules component components version versions variant variants family windows microsoft linux office word excel
    email emails mail message messages attachment phishing spam link links url urls domain domains ip address addresses
    command commands control c2 c communication communicate connection connections request requests response traffic port
    protocol vulnerability vulnerabilities exploit exploits exploited exploitation cve patch access remote local execution
    persistence credential credentials password passwords account accounts login admin administrator privileges
    authentication encrypted encryption encrypt decrypt decrypted key keys hash hashes sha256 md5 sha1 algorithm encoded
    encoding base64 obfuscated obfuscation technique techniques tactics procedures activity activities behavior operation
    operations operators indicators ioc iocs detection evasion signature antivirus memory library dll exe registry api task
    scheduled backdoor trojan ransomware rat loader dropper stealer botnet bot shell powershell javascript macro macros
    browser google android app apps mobile intelligence espionage infrastructure configuration config stage initial final
    legitimate fake steal stolen steals installed install installation installs deploy deployed drop drops dropped load loads
    loaded inject injected injection hidden check bytes byte parameter parameters header size buffer`,
  ],
]

/** Fragments of four letters that endings and beginnings bring into half of all words. */
export const COMMON_FRAGMENTS: string[] =
  `tion atio ting ment ated ates atin able ible ness ence ance ally ions ring ning ling sing king ding ving izat zati
  isat sati ized izin icat cati ific ical tive ativ ious eous ents emen ters ther comp comm cons cont conf conn pres
  prot prov prod proc prog inte ente nter tter ster stra stru tran rans over unde nder fore ever with ress ssio sion
  ctio ecti icti iona onal ntia tial ully less line abil bili ilit lity ties rate late cate gate nate tate ders ners
  kers ings erin ered tern tent enti ntin inge expl perf requ quir rest resp reco repo para pers dist disc dire`.split(
    /\s+/,
  )
/** Against 1 for every other fragment. */
export const COMMON_FRAGMENT_WEIGHT = 0.4

const weights = new Map<string, number>()
for (const [weight, words] of CLASSES) {
  for (const word of words.split(/\s+/)) if (!weights.has(word)) weights.set(word, weight)
}

/** 0.1 for grammar, 0.3 for common prose, 0.55 for what most security writing shares, 1 for every other word. */
export const wordWeight = (word: string): number => weights.get(word) ?? 1
