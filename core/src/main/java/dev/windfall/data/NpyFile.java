package dev.windfall.data;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array of NumPy's NPY format, versions 1 to 3: a magic string, the version, a header that is a
 * Python dictionary of type, order and shape, then the numbers. Whole numbers in little-endian
 * bytes and C order only. The header is matched against its three known entries, never evaluated.
 *
 * @param signed whether numbers are signed
 * @param bytesPerNumber 1, 2, 4 or 8
 * @param shape sizes of the dimensions, outermost first
 * @param data the numbers' bytes
 */
// An array, because the numbers are handed over without a copy.
@SuppressWarnings("ArrayRecordComponent")
record NpyFile(boolean signed, int bytesPerNumber, List<Integer> shape, byte[] data) {
  private static final int[] MAGIC = {0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LONGEST_HEADER = 4096;
  private static final int MOST_DIMENSIONS = 8;
  private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8;
  private static final String ENTRY =
      "\\s*'(descr|fortran_order|shape)'\\s*:\\s*('[^']{1,16}'|True|False|\\([0-9, ]*\\))\\s*";
  private static final Pattern HEADER =
      Pattern.compile("\\{" + ENTRY + "," + ENTRY + "," + ENTRY + ",?\\s*\\}\\s*");
  private static final Pattern TYPE = Pattern.compile("'(?:\\|([ui])(1)|<([ui])([248]))'");
  private static final Pattern SIZES = Pattern.compile("\\((?:\\d{1,9}, ?)*(?:\\d{1,9})?\\)");
  private static final Pattern SIZE = Pattern.compile("\\d+");

  /** Reads an array; takes no more memory than the file's content explains. */
  static NpyFile read(DataFile file) {
    for (int expected : MAGIC) {
      if ((file.read(1)[0] & 0xFF) != expected) {
        throw file.failure("is no NPY array: it does not begin with \\x93NUMPY");
      }
    }
    Map<String, String> header = header(file);
    Matcher type = TYPE.matcher(header.getOrDefault("descr", ""));
    if (!type.matches()) {
      throw file.failure(
          "numbers of type %s: whole little-endian ones such as '|u1' or '<i8' are read"
              .formatted(header.get("descr")));
    }
    if (!"False".equals(header.get("fortran_order"))) {
      throw file.failure("must be in C order ('fortran_order': False)");
    }
    boolean single = type.group(1) != null;
    int bytes = single ? 1 : Integer.parseInt(type.group(4));
    List<Integer> shape = shape(file, header.getOrDefault("shape", ""));
    long size = bytes;
    for (int dimension : shape) {
      size = Math.min(size * dimension, LARGEST_ARRAY + 1);
    }
    if (size > LARGEST_ARRAY) {
      throw file.failure("an array of shape %s does not fit into memory".formatted(shape));
    }
    byte[] data = file.read((int) size);
    file.expectEnd();
    return new NpyFile("i".equals(type.group(single ? 1 : 3)), bytes, shape, data);
  }

  private static Map<String, String> header(DataFile file) {
    byte[] version = file.read(2);
    if (version[0] < 1 || version[0] > 3 || version[1] != 0) {
      throw file.failure(
          "NPY version %d.%d; versions 1.0 to 3.0 are read"
              .formatted(version[0] & 0xFF, version[1] & 0xFF));
    }
    byte[] digits = file.read(version[0] == 1 ? 2 : 4);
    long length = number(digits, 0, digits.length, false);
    if (length > LONGEST_HEADER) {
      throw file.failure(
          "header of %d bytes, at most %d expected".formatted(length, LONGEST_HEADER));
    }
    Matcher entries =
        HEADER.matcher(new String(file.read((int) length), StandardCharsets.ISO_8859_1));
    Map<String, String> header = new HashMap<>();
    for (int i = 0; entries.matches() && i < 3; i++) {
      header.put(entries.group(2 * i + 1), entries.group(2 * i + 2));
    }
    if (header.size() != 3) {
      throw file.failure("header must hold 'descr', 'fortran_order' and 'shape', and nothing else");
    }
    return header;
  }

  private static List<Integer> shape(DataFile file, String tuple) {
    List<Integer> shape = new ArrayList<>();
    if (SIZES.matcher(tuple).matches()) {
      SIZE.matcher(tuple).results().forEach(size -> shape.add(Integer.parseInt(size.group())));
    }
    if (shape.isEmpty() || shape.size() > MOST_DIMENSIONS || shape.contains(0)) {
      throw file.failure(
          "shape %s: 1 to %d sizes from 1 on expected".formatted(tuple, MOST_DIMENSIONS));
    }
    return List.copyOf(shape);
  }

  /** The number at a position of a one-dimensional array. */
  long number(int index) {
    return number(data, index * bytesPerNumber, bytesPerNumber, signed);
  }

  private static long number(byte[] bytes, int from, int count, boolean signed) {
    long number = signed && bytes[from + count - 1] < 0 ? -1 : 0;
    for (int i = count - 1; i >= 0; i--) {
      number = (number << 8) | (bytes[from + i] & 0xFF);
    }
    return number;
  }
}
