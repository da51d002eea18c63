//! What a virtual display shows, read from the X server's memory.
//!
//! Xvfb keeps its picture in a file in the format of `xwd` (X11/XWDFile.h): a header of big-endian 32-bit
//! numbers, the window's name, the colour map, then the pixels.

use std::collections::HashSet;
use std::fs;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Bytes of one colour map entry.
const COLOUR_ENTRY: usize = 12;

/// A picture, three bytes per pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Picture {
    /// Reads one from an X server's memory file.
    ///
    /// # Errors
    /// The file cannot be read, or is not a 24-bit picture in xwd's format.
    pub fn read(file: &Path) -> Result<Self> {
        let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        Self::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let number = |index: usize| -> Result<usize> {
            let field = bytes.get(index * 4..index * 4 + 4).context("the picture's header is cut off")?;
            let value = u32::from_be_bytes(field.try_into()?);
            Ok(usize::try_from(value)?)
        };
        let (header, width, height) = (number(0)?, number(4)?, number(5)?);
        let (byte_order, bits_per_pixel, bytes_per_line, colours) =
            (number(7)?, number(11)?, number(12)?, number(19)?);
        if bits_per_pixel != 32 {
            bail!("a picture with {bits_per_pixel} bits per pixel is not understood");
        }
        let start = header + colours * COLOUR_ENTRY;
        let mut pixels = Vec::with_capacity(width * height * 3);
        for line in 0..height {
            let begin = start + line * bytes_per_line;
            let row = bytes.get(begin..begin + width * 4).context("the picture is cut off")?;
            for pixel in row.chunks_exact(4) {
                // Blue, green, red on a little-endian server; the other way round on a big-endian one.
                let colour = if byte_order == 0 {
                    [pixel[2], pixel[1], pixel[0]]
                } else {
                    [pixel[1], pixel[2], pixel[3]]
                };
                pixels.extend(colour);
            }
        }
        Ok(Self { width: u32::try_from(width)?, height: u32::try_from(height)?, pixels })
    }

    /// How many different colours there are. An empty window has a handful, drawn text has hundreds.
    #[must_use]
    pub fn colours(&self) -> usize {
        self.pixels.chunks_exact(3).collect::<HashSet<_>>().len()
    }

    /// Writes it as a PNG file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let target = BufWriter::new(fs::File::create(file)?);
        let mut encoder = png::Encoder::new(target, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&self.pixels)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Picture;

    /// A picture of two pixels, a red and a blue one, as a little-endian server holds it.
    fn two_pixels() -> Vec<u8> {
        let mut fields = [0_u32; 25];
        (fields[0], fields[4], fields[5]) = (100, 2, 1);
        (fields[11], fields[12], fields[19]) = (32, 8, 1);
        let mut bytes: Vec<u8> = fields.iter().flat_map(|field| field.to_be_bytes()).collect();
        bytes.extend([0; 12]);
        bytes.extend([0, 0, 255, 0, 255, 0, 0, 0]);
        bytes
    }

    #[test]
    fn pixels_come_out_as_red_green_blue() {
        let picture = Picture::parse(&two_pixels()).unwrap();
        assert_eq!((picture.width, picture.height), (2, 1));
        assert_eq!(picture.pixels, [255, 0, 0, 0, 0, 255]);
        assert_eq!(picture.colours(), 2);
    }

    #[test]
    fn a_cut_off_picture_is_an_error() {
        let bytes = two_pixels();
        for length in [0, 50, 100, bytes.len() - 1] {
            assert!(Picture::parse(&bytes[..length]).is_err(), "{length} bytes are not a picture");
        }
    }
}
