//! What code reads in a request before the model sees it: days, times, numbers and what they count, who travels.

use cicerone::{
    prelude::*,
    reading::{Mention, MentionKind},
};
use jiff::civil::Date;

/// Days, times and numbers. An argument of the tools takes only numbers that count what it wants.
pub(crate) fn dates(today: Date) -> Dates {
    Dates::new(today)
        .unit("star", STARS)
        .unit("room", &["room", "rooms", "zimmer", "habitaciones", "habitación", "chambres", "间房", "间"])
        .unit("person", PEOPLE)
        .unit("rating", RATING)
        .unit("money", MONEY)
        // Numbers of what is searched for are no argument: "three flights, please: …".
        .unit(
            "offer",
            &["flights", "flight", "trains", "train", "hotels", "hotel", "flüge", "züge", "vuelos", "trenes"],
        )
}

const STARS: &[&str] =
    &["star", "stars", "sterne", "sternen", "stern", "estrellas", "estrella", "étoiles", "星级", "星"];

const RATING: &[&str] =
    &["rated", "rating", "ratings", "score", "reviews", "bewertung", "bewertet", "puntuación", "评分"];

const PEOPLE: &[&str] = &[
    "people",
    "persons",
    "person",
    "travellers",
    "travelers",
    "passengers",
    "adults",
    "guests",
    "guest",
    "of us",
    "friends",
    "seats",
    "tickets",
    "personen",
    "gäste",
    "reisende",
    "erwachsene",
    "plätze",
    "fahrkarten",
    "personas",
    "pasajeros",
    "adultos",
    "viajeros",
    "billetes",
    "huéspedes",
    "personnes",
    "个人",
    "人",
    "位",
    "张",
];

const MONEY: &[&str] = &[
    "eur",
    "euro",
    "euros",
    "€",
    "$",
    "usd",
    "dollars",
    "a night",
    "per night",
    "pro nacht",
    "die nacht",
    "por noche",
    "la noche",
    "par nuit",
    "in total",
    "altogether",
    "insgesamt",
    "en total",
    "欧元",
    "欧",
    "元",
    "budget",
];

/// Two people, where no number says so.
const TWO: &[&str] = &[
    "both of us",
    "the pair of us",
    "as a couple",
    "a couple of us",
    "wir beide",
    "uns beide",
    "zu zweit",
    "nosotros dos",
    "nous deux",
    "à deux",
    "我们俩",
    "我们两个",
    "我俩",
];

/// Who may travel with the one who asks: "my wife and I", "me and my son".
const COMPANY: &[&str] = &[
    "husband",
    "wife",
    "partner",
    "girlfriend",
    "boyfriend",
    "friend",
    "mother",
    "father",
    "mum",
    "mom",
    "dad",
    "son",
    "daughter",
    "brother",
    "sister",
    "colleague",
    "boss",
    "frau",
    "mann",
    "freundin",
    "freund",
    "mutter",
    "vater",
    "sohn",
    "tochter",
    "bruder",
    "schwester",
    "kollege",
    "kollegin",
    "mujer",
    "marido",
    "esposa",
    "esposo",
    "novia",
    "novio",
    "amigo",
    "amiga",
    "madre",
    "padre",
    "hijo",
    "hija",
    "hermano",
    "hermana",
    "femme",
    "mari",
];

/// The words before and after company: "my … and I".
const TOGETHER: &[(&str, &str)] = &[
    ("my ", " and i"),
    ("my ", " and me"),
    ("me and my ", ""),
    ("i and my ", ""),
    ("with my ", ""),
    ("meine ", " und ich"),
    ("mein ", " und ich"),
    ("ich und meine ", ""),
    ("ich und mein ", ""),
    ("mit meiner ", ""),
    ("mit meinem ", ""),
    ("mi ", " y yo"),
    ("yo y mi ", ""),
    ("con mi ", ""),
    ("ma ", " et moi"),
    ("mon ", " et moi"),
];

/// Reads that two travel where no number says so.
pub(crate) fn party(request: &str) -> Vec<Mention> {
    let plain = request.to_lowercase();
    // Lower case may change lengths in rare scripts; then places would be wrong, and nothing is read.
    if plain.len() != request.len() {
        return Vec::new();
    }
    let stands = |phrase: &str| {
        let start = plain.find(phrase)?;
        let end = start + phrase.len();
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let whole = !letter(plain.get(..start)?.chars().next_back()) && !letter(plain.get(end..)?.chars().next());
        whole.then_some(start..end)
    };
    let with = |person: &str| TOGETHER.iter().find_map(|(before, after)| stands(&format!("{before}{person}{after}")));
    let found = TWO.iter().find_map(|phrase| stands(phrase)).or_else(|| COMPANY.iter().find_map(|person| with(person)));
    found.map(|span| Mention::new(span, MentionKind::Number, 2).with_unit("person")).into_iter().collect()
}

const FLY: &[&str] = &[
    "flight",
    "flights",
    "fly",
    "flying",
    "flew",
    "plane",
    "planes",
    "airport",
    "airline",
    "airfare",
    "flug",
    "flüge",
    "fliegen",
    "fliege",
    "flugzeug",
    "hinflug",
    "rückflug",
    "vuelo",
    "vuelos",
    "volar",
    "avión",
    "vol",
    "vols",
    "avion",
    "air",
    "航班",
    "机票",
    "飞",
];
const RIDE: &[&str] = &[
    "fahrkarte",
    "fahrkarten",
    "bahnticket",
    "zugticket",
    "zugfahrkarte",
    "ice",
    "billete de tren",
    "billets de train",
    "train",
    "trains",
    "rail",
    "railway",
    "zug",
    "züge",
    "bahn",
    "zugfahrt",
    "tren",
    "trenes",
    "gare",
    "火车",
    "高铁",
    "列车",
    "动车",
];
const STAY: &[&str] = &[
    "hotel",
    "hotels",
    "room",
    "rooms",
    "stay",
    "staying",
    "stays",
    "night",
    "nights",
    "accommodation",
    "sleep",
    "lodging",
    "check",
    "checking",
    "bed",
    "place",
    "somewhere",
    "unterkunft",
    "übernachtung",
    "übernachten",
    "nacht",
    "nächte",
    "zimmer",
    "alojamiento",
    "noche",
    "noches",
    "habitación",
    "habitaciones",
    "hôtel",
    "chambre",
    "nuit",
    "nuits",
    "酒店",
    "旅馆",
    "住",
    "晚",
    "房",
];

/// Which searches a request can't mean: who speaks of trains alone means no flights, and nobody gets a hotel who has
/// not spoken of one.
pub(crate) fn means(request: &str) -> Vec<Mention> {
    let request = request.to_lowercase();
    let says = |words: &[&str]| crate::rules::says(&request, words);
    let (fly, ride, stay) = (says(FLY), says(RIDE), says(STAY));
    let mut excluded = Vec::new();
    if ride && !fly {
        excluded.push("search_flights");
    }
    if fly && !ride {
        excluded.push("search_trains");
    }
    if !stay && (fly || ride) {
        excluded.push("search_hotels");
    }
    // What all may come to together is no price of one of them.
    if says(TOTAL) {
        excluded.extend(["search_flights.max_price", "search_trains.max_price"]);
        if !says(NIGHTLY) {
            excluded.push("search_hotels.max_price_per_night");
        }
    }
    excluded.into_iter().map(|what| Mention::new(0..0, MentionKind::Excludes, what)).collect()
}

const TOTAL: &[&str] = &[
    "total",
    "in all",
    "altogether",
    "together",
    "overall",
    "combined",
    "insgesamt",
    "zusammen",
    "gesamt",
    "en total",
    "en conjunto",
    "au total",
    "总共",
    "一共",
    "总预算",
    "合计",
];
const NIGHTLY: &[&str] = &[
    "a night",
    "per night",
    "each night",
    "nightly",
    "pro nacht",
    "die nacht",
    "por noche",
    "par nuit",
    "每晚",
    "一晚",
];

/// Words of a sum that holds for all, or on which everything depends. Without one, a price is the price of one thing.
const DEPENDS: &[&str] = &[
    "budget",
    "total",
    "in all",
    "altogether",
    "together",
    "overall",
    "combined",
    "if",
    "unless",
    "otherwise",
    "else",
    "only",
    "exceed*",
    "nothing",
    "neither",
    "insgesamt",
    "zusammen",
    "gesamt*",
    "wenn",
    "falls",
    "sonst",
    "nur",
    "nichts",
    "en total",
    "presupuesto",
    "si",
    "solo",
    "sólo",
    "nada",
    "au total",
    "sinon",
    "总",
    "一共",
    "预算",
    "如果",
    "否则",
];

/// The words that ask for a choice, and those of a sum.
pub(crate) fn wishes() -> Lexicon {
    Lexicon::new()
        .meaning("budget", DEPENDS)
        .ordering(
            "cheapest",
            &[
                "cheap*",
                "lowest price",
                "lowest fare",
                "best price",
                "least expensive",
                "costs less",
                "cost less",
                "costs least",
                "inexpensive",
                "affordable",
                "günstig*",
                "billig*",
                "preiswert*",
                "barat*",
                "económic*",
                "moins cher",
                "moins chère",
                "moins chers",
                "pas cher",
                "便宜",
                "最低价",
                "价格最低",
            ],
        )
        .ordering(
            "earliest",
            &[
                "earl*",
                "first",
                "früh*",
                "erste",
                "ersten",
                "erster",
                "primer",
                "primera",
                "temprano",
                "premier",
                "première",
                "tôt",
                "最早",
                "第一班",
                "首班",
                "头班",
            ],
        )
        .ordering(
            "latest",
            &[
                "latest",
                "last",
                "as late as",
                "letzte",
                "letzten",
                "letzter",
                "spätest*",
                "último",
                "última",
                "dernier",
                "dernière",
                "最晚",
                "末班",
                "最后一班",
            ],
        )
        .ordering(
            "fastest",
            &["fast*", "quick*", "least time", "shortest", "schnell*", "kürzest*", "rápid*", "rapid*", "最快"],
        )
        .ordering(
            "best_rated",
            &[
                "best",
                "highest rating",
                "highest rated",
                "top rated",
                "highest score",
                "finest",
                "nicest",
                "beste",
                "besten",
                "bestes",
                "bester",
                "bestbewertet*",
                "höchsten bewertung",
                "mejor",
                "mejores",
                "mieux",
                "meilleur*",
                "评分最高",
                "最好",
                "好评",
            ],
        )
}
