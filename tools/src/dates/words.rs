//! What single words mean, language by language. Words stand folded: lower case, no accents, `ß` as `ss`.
//!
//! A word may mean several things ("sept" is a French seven and a September), so every table adds to the word's
//! [`Meaning`], and the matchers decide by what stands around it. Every word of a text is looked up once.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Weekday;

/// A set of languages, one bit each: many words belong to more than one.
pub(super) type Langs = u8;
pub(super) const EN: Langs = 1;
pub(super) const DE: Langs = 2;
pub(super) const ES: Langs = 4;
pub(super) const FR: Langs = 8;

/// The length of one step of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Apart from days because nobody arrives "in 3 nights".
    Night,
    Day,
    Week,
    Fortnight,
    Month,
}

/// How a word ties a date to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// "to", "until": the second date ends what the first one begins.
    Range,
    /// "and", "or": the second date stands beside the first.
    List,
}

/// Everything that one word can mean.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meaning {
    pub(super) month: Option<i8>,
    pub(super) weekday: Option<Weekday>,
    /// A weekday's abbreviation that is also a common word: it needs a date's company.
    pub(super) shy: bool,
    pub(super) number: Option<(u32, Langs)>,
    pub(super) ordinal: Option<i8>,
    pub(super) unit: Option<(Unit, Langs)>,
    /// People and things that travellers count.
    pub(super) counted: Langs,
    /// Currencies and measures: a number before one is an amount, never a day.
    pub(super) measure: bool,
    /// Words that can follow a finished date: after "the 7th", "for" leaves a date and "floor" does not.
    pub(super) follows: bool,
    pub(super) link: Option<Link>,
    /// Begins one of the phrases of `relative`.
    pub(super) opens: bool,
    /// "back", "return": a weekday after one of these comes after the date before it.
    pub(super) back: bool,
}

/// What `word`, folded, means; nothing at all for most words.
pub(super) fn meaning(word: &str) -> Meaning {
    MEANINGS.get(word).copied().unwrap_or_default()
}

static MEANINGS: LazyLock<HashMap<&'static str, Meaning>> = LazyLock::new(|| {
    let mut all: HashMap<&'static str, Meaning> = HashMap::new();
    let mut each = |words: &'static str, set: &dyn Fn(&mut Meaning)| {
        for word in words.split_whitespace() {
            set(all.entry(word).or_default());
        }
    };
    for (month, words) in (1..).zip(MONTHS) {
        each(words, &|m| m.month = Some(month));
    }
    for (weekday, words) in Weekday::Monday.cycle_forward().zip(WEEKDAYS) {
        each(words, &|m| m.weekday = Some(weekday));
    }
    each(SHY_WEEKDAYS, &|m| m.shy = true);
    for (langs, tables) in NUMBERS {
        for (value, words) in *tables {
            each(words, &|m| m.number = Some((*value, langs | m.number.map_or(0, |(_, known)| known))));
        }
    }
    for (day, words) in (1..).zip(ORDINALS) {
        each(words, &|m| m.ordinal = Some(day));
    }
    for (unit, langs, words) in UNITS {
        each(words, &|m| m.unit = Some((*unit, *langs)));
    }
    for (langs, words) in COUNTED {
        each(words, &|m| m.counted |= langs);
    }
    each(MEASURES, &|m| m.measure = true);
    each(FOLLOWERS, &|m| m.follows = true);
    each(RANGE_LINKS, &|m| m.link = Some(Link::Range));
    each(LIST_LINKS, &|m| m.link = Some(Link::List));
    each(BACK, &|m| m.back = true);
    for word in super::relative::openers() {
        each(word, &|m| m.opens = true);
    }
    all
});

/// January to December. Left out: Spanish "ago", which English needs for the past.
const MONTHS: [&str; 12] = [
    "january jan januar janner jaenner enero ene janvier janv",
    "february feb februar feber febrero fevrier fevr fev",
    "march mar marz maerz mrz marzo mars",
    "april apr abril abr avril avr",
    "may mai mayo",
    "june jun juni junio juin",
    "july jul juli julio juillet juil",
    "august aug agosto aout",
    "september sep sept septiembre setiembre septembre",
    "october oct oktober okt octubre octobre",
    "november nov noviembre novembre",
    "december dec dezember dez diciembre dic decembre",
];

/// Monday to Sunday. Left out: the two-letter German ones, which stand beside a full date anyway.
const WEEKDAYS: [&str; 7] = [
    "monday mon montag lunes lundi",
    "tuesday tue tues dienstag martes mardi",
    "wednesday wed mittwoch miercoles mercredi",
    "thursday thu thur thurs donnerstag jueves jeudi",
    "friday fri freitag viernes vendredi",
    "saturday sat samstag sonnabend sabado samedi",
    "sunday sun sonntag domingo dimanche",
];

const SHY_WEEKDAYS: &str = "mon wed sat sun";

type Counting = &'static [(u32, &'static str)];

const NUMBERS: &[(Langs, Counting)] = &[
    (
        EN,
        &[
            (1, "one"),
            (2, "two"),
            (3, "three"),
            (4, "four"),
            (5, "five"),
            (6, "six"),
            (7, "seven"),
            (8, "eight"),
            (9, "nine"),
            (10, "ten"),
            (11, "eleven"),
            (12, "twelve"),
            (13, "thirteen"),
            (14, "fourteen"),
            (15, "fifteen"),
            (16, "sixteen"),
            (17, "seventeen"),
            (18, "eighteen"),
            (19, "nineteen"),
            (20, "twenty"),
            (30, "thirty"),
            (40, "forty fourty"),
            (50, "fifty"),
            (60, "sixty"),
            (70, "seventy"),
            (80, "eighty"),
            (90, "ninety"),
        ],
    ),
    (
        DE,
        &[
            (1, "ein eine einen einem einer eins"),
            (2, "zwei zwo"),
            (3, "drei"),
            (4, "vier"),
            (5, "funf fuenf"),
            (6, "sechs"),
            (7, "sieben"),
            (8, "acht"),
            (9, "neun"),
            (10, "zehn"),
            (11, "elf"),
            (12, "zwolf zwoelf"),
            (14, "vierzehn"),
            (20, "zwanzig"),
        ],
    ),
    (
        ES,
        &[
            (1, "un una uno"),
            (2, "dos"),
            (3, "tres"),
            (4, "cuatro"),
            (5, "cinco"),
            (6, "seis"),
            (7, "siete"),
            (8, "ocho"),
            (9, "nueve"),
            (10, "diez"),
            (11, "once"),
            (12, "doce"),
            (15, "quince"),
            (20, "veinte"),
        ],
    ),
    (
        FR,
        &[
            (1, "un une"),
            (2, "deux"),
            (3, "trois"),
            (4, "quatre"),
            (5, "cinq"),
            (6, "six"),
            (7, "sept"),
            (8, "huit"),
            (9, "neuf"),
            (10, "dix"),
            (11, "onze"),
            (12, "douze"),
            (15, "quinze"),
            (20, "vingt"),
        ],
    ),
];

/// Day ordinals spelt out; they count only beside a month. From 21 on they are put together ("twenty-first").
const ORDINALS: [&str; 31] = [
    "first erster ersten primero premier",
    "second zweiter zweiten",
    "third dritter dritten",
    "fourth vierter vierten",
    "fifth funfter funften",
    "sixth sechster sechsten",
    "seventh siebter siebten",
    "eighth achter achten",
    "ninth neunter neunten",
    "tenth zehnter zehnten",
    "eleventh elfter elften",
    "twelfth zwolfter zwolften",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "thirtieth",
    "",
];

const UNITS: &[(Unit, Langs, &str)] = &[
    (Unit::Night, EN, "night nights"),
    (Unit::Day, EN, "day days"),
    (Unit::Week, EN, "week weeks"),
    (Unit::Fortnight, EN, "fortnight fortnights"),
    (Unit::Month, EN, "month months"),
    (Unit::Night, DE, "nacht nachte nachten naechte naechten ubernachtung ubernachtungen"),
    (Unit::Day, DE, "tag tage tagen"),
    (Unit::Week, DE, "woche wochen"),
    (Unit::Month, DE, "monat monate monaten"),
    (Unit::Night, ES, "noche noches"),
    (Unit::Day, ES, "dia dias"),
    (Unit::Week, ES, "semana semanas"),
    (Unit::Month, ES, "mes meses"),
    (Unit::Night, FR, "nuit nuits nuitee nuitees"),
    (Unit::Day, FR, "jour jours"),
    (Unit::Week, FR, "semaine semaines"),
    (Unit::Month, FR, "mois"),
];

const COUNTED: &[(Langs, &str)] = &[
    (
        EN,
        "person persons people adult adults child children kid kids infant infants baby babies traveller travellers \
         traveler travelers passenger passengers pax guest guests friend friends senior seniors student students room \
         rooms bedroom bedrooms bed beds ticket tickets seat seats bag bags suitcase suitcases stop stops change \
         changes hotel hotels flight flights train trains star stars hour hours minute minutes car cars dog dogs",
    ),
    (
        DE,
        "person personen leute erwachsene erwachsener erwachsenen kind kinder kindern reisende reisender reisenden \
         passagier passagiere gast gaste gasten freunde freunden zimmer zimmern bett betten ticket tickets platz \
         platze koffer hotel hotels stunde stunden minute minuten sterne umstieg umstiege",
    ),
    (
        ES,
        "persona personas adulto adultos adulta adultas nino ninos nina ninas viajero viajeros pasajero pasajeros \
         huesped huespedes amigo amigos habitacion habitaciones cama camas billete billetes maleta maletas hotel \
         hoteles hora horas minuto minutos estrellas",
    ),
    (
        FR,
        "personne personnes adulte adultes enfant enfants voyageur voyageurs passager passagers ami amis chambre \
         chambres lit lits billet billets place places valise valises hotel hotels heure heures minute minutes \
         etoiles",
    ),
];

const MEASURES: &str = "eur euro euros usd dollar dollars gbp pound pounds chf franc francs franken jpy yen cny rmb yuan \
     cent cents km kms kilometre kilometres kilometer kilometers mile miles mi kg kgs g cm m h min mins hr hrs percent \
     prozent pax x am pm uhr degrees";

/// Function words and the like in all the languages; nouns, above all, stay out.
const FOLLOWERS: &str = "a about after afternoon aller alone also am an and are around as at back because before between \
     both but by can coming could each either evening for from fly flying hence home how i if im in instead into is it \
     just leave leaving max maximum may midday morning my near no noon not off on one only or our over \
     per plus please preferably return returning returns should since so stay staying than thank thanks that the then \
     there this through till to together total under unless until up via was we what when where which while will with \
     within without works would you \
     ab abend abends aber allein als an auf aus bei bis bitte das dann der die ein eine fur gegen hin ich im ist mit \
     mittags morgens nach nachmittags oder ohne sowie um und uns vor vormittags wir wieder zu zum zuruck zusammen \
     al antes con desde despues el en entre hacia hasta ida la las los o para pero por regreso regresando sin \
     solo vuelta volver volviendo y \
     apres au aux avant avec chez dans depuis et jusqu le les mais nous ou pour puis retour sans soir sur vers";

const RANGE_LINKS: &str = "to until till til through thru bis a al hasta au jusqu";
const LIST_LINKS: &str = "and or und oder y o et ou";

const BACK: &str = "back return returning returns home homebound inbound leaving checkout zuruck ruckflug ruckfahrt \
     ruckreise ruckkehr heim heimflug heimreise vuelta volver volviendo regreso regresar regresando retour revenir \
     rentrer";
