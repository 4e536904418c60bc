//! The ways in which GGUF stores weights.

use std::fmt;

/// A storage type of tensors, by its number in the file.
///
/// ```
/// use cicerone_mistral::catalogue::gguf::{GgmlType, Kernel};
///
/// let q5_0 = GgmlType::from_id(6);
/// assert_eq!(q5_0.to_string(), "Q5_0");
/// assert_eq!(q5_0.kernel(), Kernel::Slow);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GgmlType(u32);

/// How candle 0.10 multiplies by weights of a type on a CPU with AVX2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kernel {
    /// With AVX2.
    Fast,
    /// One number at a time.
    Slow,
    /// As floats: not quantised, so neither small nor slow code.
    Float,
    /// Not at all: candle can't load the type.
    None,
}

/// Number, name, weights in a block, bytes of a block, kernel.
type Row = (u32, &'static str, u64, u64, Kernel);

const TABLE: [Row; 32] = [
    (0, "F32", 1, 4, Kernel::Float),
    (1, "F16", 1, 2, Kernel::Float),
    (2, "Q4_0", 32, 18, Kernel::Fast),
    (3, "Q4_1", 32, 20, Kernel::Slow),
    (6, "Q5_0", 32, 22, Kernel::Slow),
    (7, "Q5_1", 32, 24, Kernel::Slow),
    (8, "Q8_0", 32, 34, Kernel::Fast),
    (9, "Q8_1", 32, 36, Kernel::None),
    (10, "Q2_K", 256, 84, Kernel::Fast),
    (11, "Q3_K", 256, 110, Kernel::Fast),
    (12, "Q4_K", 256, 144, Kernel::Fast),
    (13, "Q5_K", 256, 176, Kernel::Fast),
    (14, "Q6_K", 256, 210, Kernel::Fast),
    (15, "Q8_K", 256, 292, Kernel::Fast),
    (16, "IQ2_XXS", 256, 66, Kernel::None),
    (17, "IQ2_XS", 256, 74, Kernel::None),
    (18, "IQ3_XXS", 256, 98, Kernel::None),
    (19, "IQ1_S", 256, 50, Kernel::None),
    (20, "IQ4_NL", 32, 18, Kernel::None),
    (21, "IQ3_S", 256, 110, Kernel::None),
    (22, "IQ2_S", 256, 82, Kernel::None),
    (23, "IQ4_XS", 256, 136, Kernel::None),
    (24, "I8", 1, 1, Kernel::None),
    (25, "I16", 1, 2, Kernel::None),
    (26, "I32", 1, 4, Kernel::None),
    (27, "I64", 1, 8, Kernel::None),
    (28, "F64", 1, 8, Kernel::None),
    (29, "IQ1_M", 256, 56, Kernel::None),
    (30, "BF16", 1, 2, Kernel::Float),
    (34, "TQ1_0", 256, 54, Kernel::None),
    (35, "TQ2_0", 256, 66, Kernel::None),
    (39, "MXFP4", 32, 17, Kernel::None),
];

impl GgmlType {
    /// The type with this number. Numbers that nobody has heard of are types too: the file may be newer than we are.
    pub fn from_id(id: u32) -> Self {
        Self(id)
    }

    /// How fast it computes.
    pub fn kernel(self) -> Kernel {
        self.row().map_or(Kernel::None, |row| row.4)
    }

    /// How many weights a block holds, and in how many bytes.
    pub(super) fn layout(self) -> Option<(u64, u64)> {
        self.row().map(|row| (row.2, row.3))
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.0 == self.0)
    }
}

impl fmt::Display for GgmlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row() {
            Some(row) => f.write_str(row.1),
            None => write!(f, "type {}", self.0),
        }
    }
}
