//! Server-sent events, out of bytes as they come.

/// Takes bytes in pieces of any length and gives the data of whole events.
///
/// Of an event only its data counts: chat completions name no events. The buffer can't outgrow what it is fed, which
/// is bounded where bytes are read.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// What follows the last end of a line.
    rest: Vec<u8>,
    /// The data of the event that is being read.
    data: Option<String>,
    /// Whether the last line ended in a carriage return: a line feed right after it belongs to it.
    after_return: bool,
}

impl Decoder {
    /// Adds bytes; hands the data of each event that they complete to `take`.
    ///
    /// # Errors
    /// The first error of `take`.
    pub(crate) fn feed<E>(&mut self, mut bytes: &[u8], mut take: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        while let Some((&first, others)) = bytes.split_first() {
            if std::mem::take(&mut self.after_return) && first == b'\n' {
                bytes = others;
                continue;
            }
            let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.rest.extend_from_slice(bytes);
                break;
            };
            let (line, ending) = bytes.split_at(end);
            self.rest.extend_from_slice(line);
            self.after_return = ending.first() == Some(&b'\r');
            bytes = ending.get(1..).unwrap_or_default();
            let line = std::mem::take(&mut self.rest);
            self.line(&String::from_utf8_lossy(&line), &mut take)?;
        }
        Ok(())
    }

    /// Ends the stream: some servers leave out the last empty line.
    ///
    /// # Errors
    /// The first error of `take`.
    pub(crate) fn end<E>(&mut self, mut take: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        let line = std::mem::take(&mut self.rest);
        self.line(&String::from_utf8_lossy(&line), &mut take)?;
        self.line("", &mut take)
    }

    fn line<E>(&mut self, line: &str, take: &mut impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        if line.is_empty() {
            return self.data.take().map_or(Ok(()), |data| take(&data));
        }
        let line = line.trim_start_matches('\u{feff}');
        let Some(("data", value)) = line.split_once(':') else { return Ok(()) };
        let value = value.strip_prefix(' ').unwrap_or(value);
        match &mut self.data {
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
            None => self.data = Some(value.to_owned()),
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let mut decoder = Decoder::default();
        let mut all = Vec::new();
        let mut take = |data: &str| {
            all.push(data.to_owned());
            Ok::<(), Infallible>(())
        };
        for piece in pieces {
            decoder.feed(piece, &mut take).unwrap();
        }
        decoder.end(&mut take).unwrap();
        all
    }

    #[test]
    fn comments_names_and_every_line_ending_are_understood() {
        let text = ": ping\r\n\r\nevent: x\rid: 3\rdata: one\r\rdata:two\ndata: three\n\n\n\ndata: last";
        assert_eq!(events(&[text.as_bytes()]), ["one", "two\nthree", "last"]);
    }

    proptest! {
        #[test]
        fn where_bytes_are_cut_does_not_matter(cuts in prop::collection::vec(0usize..64, 0..6)) {
            let text = "data: größe\r\n\r\n: c\n\ndata: {\"a\":\ndata: \"日本\"}\n\ndata: [DONE]\n\n".as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).chain([0, text.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            prop_assert_eq!(events(&pieces), ["größe", "{\"a\":\n\"日本\"}", "[DONE]"]);
        }
    }
}
