//! The words of [`LookOnly`](super::LookOnly).

use super::Phrase;

/// Doing something that lasts, as it is said after "do not".
const DO: &[&str] = &["book", "reserve", "buy", "order", "purchase", "borrow", "cancel", "change", "pay"];
const BOOKING: &[&str] = &["booking", "bookings", "reservation", "reservations", "purchase", "purchases"];
const DOING: &[&str] = &["booking", "reserving", "buying", "ordering", "borrowing"];
const NOTHING: &[&str] = &["nothing"];
const DONT: &[&str] = &["don't", "dont"];
const ONLY: &[&str] = &["just", "only"];
const LOOKING: &[&str] = &["looking", "browsing", "checking", "asking"];
const BUCHEN: &[&str] = &["buchen", "reservieren", "kaufen", "bestellen", "stornieren", "ausleihen"];
const BUCHE: &[&str] = &["buche", "buch", "reserviere", "kaufe", "bestelle"];
const NICHT: &[&str] = &["nicht", "nichts"];
const NUR: &[&str] = &["nur", "bloß"];
const SCHAUEN: &[&str] = &["schauen", "gucken", "ansehen", "anschauen", "informieren", "nachsehen"];
const RESERVES: &[&str] = &["reserves", "reserve", "reservar", "compres", "comprar", "reserven", "canceles"];
const SOLO: &[&str] = &["solo", "sólo", "solamente"];
const MIRAR: &[&str] = &["mirar", "mirando", "consultar", "consulta", "ver"];
const RESERVER: &[&str] = &["réserve", "réservez", "reserve", "reservez", "achète", "achetez"];
const PAS: &[&str] = &["pas", "rien"];

const fn closing(words: &'static [&'static [&'static str]]) -> Phrase {
    Phrase { words, ends: true }
}

const fn anywhere(words: &'static [&'static [&'static str]]) -> Phrase {
    Phrase { words, ends: false }
}

pub(super) const PHRASES: &[Phrase] = &[
    closing(&[DONT, DO]),
    closing(&[&["do"], &["not"], DO]),
    closing(&[&["not"], DO]),
    closing(&[&["not"], DOING]),
    closing(&[DONT, &["actually"], DO]),
    closing(&[DONT, &["want"], &["to"], DO]),
    closing(&[&["do"], &["not"], &["want"], &["to"], DO]),
    closing(&[&["without"], DOING]),
    closing(&[&["no"], BOOKING]),
    anywhere(&[DO, NOTHING]),
    anywhere(&[ONLY, LOOKING]),
    closing(&[ONLY, &["look"]]),
    closing(&[&["look"], &["only"]]),
    anywhere(&[&["nichts"], BUCHEN]),
    closing(&[&["nicht"], BUCHEN]),
    closing(&[BUCHE, NICHT]),
    closing(&[BUCHE, &["noch"], NICHT]),
    closing(&[&["ohne"], BUCHEN]),
    closing(&[&["ohne"], &["zu"], BUCHEN]),
    closing(&[&["keine"], &["buchung", "buchungen", "reservierung"]]),
    anywhere(&[NUR, SCHAUEN]),
    closing(&[&["no"], RESERVES]),
    closing(&[&["no"], &["quiero"], RESERVES]),
    closing(&[&["sin"], &["reservar", "comprar"]]),
    closing(&[SOLO, MIRAR]),
    closing(&[&["ne"], RESERVER, PAS]),
    closing(&[&["sans"], &["réserver", "reserver", "acheter"]]),
    closing(&[&["juste"], &["regarder"]]),
];

/// What may follow without making it about one thing.
pub(super) const FILLERS: &[&str] = &[
    "anything", "any", "it", "them", "one", "that", "yet", "now", "still", "please", "thanks", "thank", "you", "for",
    "me", "us", "today", "though", "of", "thing", "just", "bitte", "etwas", "es", "noch", "nichts", "danke", "jetzt",
    "nada", "todavía", "todavia", "aún", "aun", "por", "favor", "gracias", "rien", "encore", "merci", "at", "all",
    "either",
];

/// With one of these in its sentence, it depends.
pub(super) const CONDITIONS: &[&str] = &[
    "if",
    "unless",
    "when",
    "otherwise",
    "else",
    "wenn",
    "falls",
    "sonst",
    "außer",
    "si",
    "sinon",
    "salvo",
    "如果",
    "要是",
    "否则",
];

/// Chinese, which has no spaces between its words.
pub(super) const WRITTEN_TOGETHER: &[&str] = &[
    "不要预订",
    "不要预定",
    "不要订",
    "别预订",
    "别预定",
    "别订",
    "不用订",
    "不用预订",
    "先不订",
    "先不要",
    "不预订",
    "不预定",
    "不需要预订",
    "只看看",
    "只是看看",
    "只查",
    "只想看",
];

/// How questions begin that ask for something to be told, not done.
pub(super) const ASKING: &[&[&str]] = &[
    &["which"],
    &["what"],
    &["how", "much"],
    &["how", "many"],
    &["how", "long"],
    &["how", "expensive"],
    &["where"],
    &["when"],
    &["is", "it"],
    &["is", "there"],
    &["are", "there"],
    &["are", "any"],
    &["does"],
    &["do", "any"],
    &["was"],
    &["welche"],
    &["welcher"],
    &["welches"],
    &["wie", "viel"],
    &["wieviel"],
    &["wie", "teuer"],
    &["wann"],
    &["wo"],
    &["ist", "es"],
    &["gibt", "es"],
    &["qué"],
    &["cuál"],
    &["cuáles"],
    &["cuánto"],
    &["cuándo"],
    &["hay"],
    &["es", "más"],
    &["dónde"],
    &["quels"],
    &["quelles"],
    &["combien"],
    &["est", "ce"],
    &["y", "a", "t"],
];

/// The same in Chinese.
pub(super) const ASKING_TOGETHER: &[&str] =
    &["有哪些", "多少钱", "哪天", "哪个", "哪家", "哪一", "有没有", "还是", "有什么"];

/// Words that wish for something to be done: with one of them a question may be a polite order.
pub(super) const WISHES: &[&str] = &[
    "book",
    "reserve",
    "buy",
    "order",
    "purchase",
    "borrow",
    "renew",
    "cancel",
    "get",
    "want",
    "need",
    "like",
    "please",
    "put",
    "buche",
    "buchen",
    "reserviere",
    "reservieren",
    "storniere",
    "stornieren",
    "kaufe",
    "brauche",
    "möchte",
    "will",
    "bitte",
    "ausleihen",
    "reserva",
    "reserve",
    "resérvame",
    "reservar",
    "quiero",
    "quisiera",
    "necesito",
    "compra",
    "cancela",
    "cancelar",
    "favor",
    "réserve",
    "réservez",
    "réserver",
    "voudrais",
    "veux",
    "annule",
];

/// The same in Chinese.
pub(super) const WISHES_TOGETHER: &[&str] = &["订", "预定", "取消", "我要", "我想", "帮我", "买"];
