//! Numbers of few bytes, and columns of numbers that change little.

use super::codec::DecodeError;

/// Appends a number, seven bits a byte, lowest first.
pub(crate) fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Small numbers of either sign as small numbers.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Appends the differences of neighbours; how many are zero is one number more.
pub(crate) fn put_column(bytes: &mut Vec<u8>, values: impl IntoIterator<Item = i64>) {
    let mut previous = 0i64;
    let mut same = 0;
    for value in values {
        if value == previous {
            same += 1;
            continue;
        }
        put_same(bytes, &mut same);
        put(bytes, zigzag(value.wrapping_sub(previous)));
        previous = value;
    }
    put_same(bytes, &mut same);
}

fn put_same(bytes: &mut Vec<u8>, same: &mut u64) {
    if *same > 0 {
        put(bytes, 0);
        put(bytes, *same - 1);
        *same = 0;
    }
}

/// Bytes that are being decoded.
pub(crate) struct Reader<'b>(pub(crate) &'b [u8]);

impl Reader<'_> {
    pub(crate) fn byte(&mut self) -> Result<u8, DecodeError> {
        let (&byte, rest) = self.0.split_first().ok_or(DecodeError::Short)?;
        self.0 = rest;
        Ok(byte)
    }

    #[inline]
    pub(crate) fn number(&mut self) -> Result<u64, DecodeError> {
        // Most differences are small.
        if let Some((&byte, rest)) = self.0.split_first()
            && byte < 0x80
        {
            self.0 = rest;
            return Ok(u64::from(byte));
        }
        self.long_number()
    }

    fn long_number(&mut self) -> Result<u64, DecodeError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(DecodeError::Number)
    }

    /// A number of things that are counted, no more than a limit.
    pub(crate) fn count(&mut self, limit: usize) -> Result<usize, DecodeError> {
        let found = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if found > limit { Err(DecodeError::TooMany) } else { Ok(found) }
    }

    /// A column of so many numbers: each with how often it comes in a row.
    pub(crate) fn column(
        &mut self,
        count: usize,
        mut each: impl FnMut(i64, usize),
    ) -> Result<(), DecodeError> {
        let mut value = 0i64;
        let mut left = count;
        while left > 0 {
            let difference = self.number()?;
            let mut same = 1;
            if difference == 0 {
                same += self.count(left - 1)?;
            }
            value = value.wrapping_add(unzigzag(difference));
            each(value, same);
            left -= same;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn columns_come_back(values in prop::collection::vec(prop_oneof![any::<i64>(), 0i64..3], 0..200)) {
            let mut bytes = Vec::new();
            put_column(&mut bytes, values.iter().copied());
            let mut found = Vec::new();
            let mut reader = Reader(&bytes);
            reader.column(values.len(), |value, same| found.extend(vec![value; same])).unwrap();
            prop_assert_eq!(found, values);
            prop_assert!(reader.0.is_empty());
        }

        #[test]
        fn numbers_come_back(number in any::<u64>()) {
            let mut bytes = Vec::new();
            put(&mut bytes, number);
            prop_assert_eq!(Reader(&bytes).number(), Ok(number));
        }
    }

    #[test]
    fn a_run_longer_than_the_column_is_refused() {
        let mut bytes = Vec::new();
        put_column(&mut bytes, [7; 10]);
        assert_eq!(Reader(&bytes).column(9, |_, _| {}), Err(DecodeError::TooMany));
        assert_eq!(Reader(&[0xff; 10]).number(), Err(DecodeError::Number));
    }
}
