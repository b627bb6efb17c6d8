package dev.windfall.cli;

import dev.windfall.random.StatelessRandom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A data set of one's own that is read in no time: noise of 8×8 pixels, in ten classes. */
final class SmallData {

  private static final int PIXELS = 64;

  private SmallData() {}

  /** Writes 1000 images to train on and 100 to test on, as NumPy arrays. */
  static void write(Path folder) throws IOException {
    write(folder, "train", 1000);
    write(folder, "test", 100);
  }

  private static void write(Path folder, String part, int count) throws IOException {
    StatelessRandom random = StatelessRandom.of(1, part);
    byte[] pixels = new byte[count * PIXELS];
    byte[] labels = new byte[count];
    for (int image = 0; image < count; image++) {
      labels[image] = (byte) (image % 10);
      for (int pixel = 0; pixel < PIXELS; pixel++) {
        // A class shows in the brightness of its pixels.
        int brightness = pixel % 10 == labels[image] ? 200 : 100;
        pixels[image * PIXELS + pixel] = (byte) (brightness + random.nextInt(56));
      }
    }
    Files.write(folder.resolve(part + "-images.npy"), array("(%d, 8, 8)".formatted(count), pixels));
    Files.write(folder.resolve(part + "-labels.npy"), array("(%d,)".formatted(count), labels));
  }

  private static byte[] array(String shape, byte[] values) {
    byte[] header =
        "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }\n"
            .formatted(shape)
            .getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(10 + header.length + values.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
        .putShort((short) header.length)
        .put(header)
        .put(values)
        .array();
  }
}
