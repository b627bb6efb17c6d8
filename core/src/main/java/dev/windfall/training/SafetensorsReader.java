package dev.windfall.training;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads safetensors that nobody vouches for: every length is checked against the file's before
 * anything of that length is allocated, and offsets must cover the file without gap or overlap.
 */
final class SafetensorsReader {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final int LONGEST_HEADER = 1 << 24;
  private static final int LONGEST_NAME = 200;
  private static final int CHUNK = 1 << 16;

  private final Path file;
  private final FileChannel channel;

  private SafetensorsReader(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * What a file holds.
   *
   * @param metadata free text by name
   * @param tensors by name
   */
  record Contents(Map<String, String> metadata, Map<String, StoredTensor> tensors) {}

  private record Description(StoredTensor.Type type, List<Long> shape, long begin, long end) {}

  /**
   * Reads a whole file.
   *
   * @throws IOException naming the file and what is wrong in it
   */
  static Contents read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return new SafetensorsReader(file, channel).read();
    }
  }

  private Contents read() throws IOException {
    long size = channel.size();
    require(size >= Long.BYTES, "it has %d bytes".formatted(size));
    long headerLength = readFully(Long.BYTES, 0).getLong();
    require(
        headerLength >= 2 && headerLength <= Math.min(LONGEST_HEADER, size - Long.BYTES),
        "a header of %d bytes in a file of %d".formatted(headerLength, size));
    JsonNode header = parse(readFully((int) headerLength, Long.BYTES).array());
    long data = Long.BYTES + headerLength;
    Map<String, Description> descriptions = descriptions(header);
    requireCovered(descriptions, size - data);
    Map<String, StoredTensor> tensors = new TreeMap<>();
    for (Map.Entry<String, Description> entry : descriptions.entrySet()) {
      tensors.put(entry.getKey(), tensor(entry.getValue(), data));
    }
    return new Contents(metadata(header), tensors);
  }

  private JsonNode parse(byte[] header) throws IOException {
    try {
      // As a text, lest Jackson take a damaged header for UTF-16 or UTF-32.
      JsonNode tree = JSON.readTree(new String(header, StandardCharsets.UTF_8));
      require(tree.isObject(), "its header is no JSON object");
      return tree;
    } catch (JsonProcessingException e) {
      throw new IOException("%s is damaged: its header is no JSON".formatted(file), e);
    }
  }

  private Map<String, String> metadata(JsonNode header) throws IOException {
    Map<String, String> metadata = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : header.path("__metadata__").properties()) {
      requirePlain(entry.getKey());
      require(entry.getValue().isTextual(), "metadata '%s' is no text".formatted(entry.getKey()));
      metadata.put(entry.getKey(), entry.getValue().textValue());
    }
    return metadata;
  }

  private Map<String, Description> descriptions(JsonNode header) throws IOException {
    Map<String, Description> descriptions = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : header.properties()) {
      requirePlain(entry.getKey());
      if (!entry.getKey().equals("__metadata__")) {
        descriptions.put(entry.getKey(), description(entry.getKey(), entry.getValue()));
      }
    }
    return descriptions;
  }

  /** Names stand in messages, which have one line. */
  private void requirePlain(String name) throws IOException {
    require(
        name.length() <= LONGEST_NAME && name.chars().noneMatch(Character::isISOControl),
        "a name is longer than %d characters or not printable".formatted(LONGEST_NAME));
  }

  private Description description(String name, JsonNode node) throws IOException {
    StoredTensor.Type type = null;
    for (StoredTensor.Type known : StoredTensor.Type.values()) {
      type = node.path("dtype").asText().equals(known.name()) ? known : type;
    }
    List<Long> shape = longs(name, node.path("shape"));
    List<Long> offsets = longs(name, node.path("data_offsets"));
    if (type == null || offsets.size() != 2) {
      throw new IOException("%s is damaged: tensor '%s' is not described".formatted(file, name));
    }
    long bytes = type.bytes();
    try {
      for (long extent : shape) {
        bytes = Math.multiplyExact(bytes, extent);
      }
    } catch (ArithmeticException e) {
      throw new IOException("%s is damaged: tensor '%s' is too large".formatted(file, name), e);
    }
    require(
        bytes == offsets.getLast() - offsets.getFirst() && bytes / type.bytes() <= 1 << 30,
        "tensor '%s' of %s values %s has offsets %s".formatted(name, type, shape, offsets));
    return new Description(type, shape, offsets.getFirst(), offsets.getLast());
  }

  private List<Long> longs(String name, JsonNode array) throws IOException {
    List<Long> values = new ArrayList<>();
    for (JsonNode value : array) {
      require(
          value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0,
          "tensor '%s' has the extent or offset %s".formatted(name, value));
      values.add(value.longValue());
    }
    return List.copyOf(values);
  }

  private void requireCovered(Map<String, Description> descriptions, long length)
      throws IOException {
    List<Description> ordered =
        descriptions.values().stream()
            .sorted(
                (a, b) ->
                    a.begin != b.begin
                        ? Long.compare(a.begin, b.begin)
                        : Long.compare(a.end, b.end))
            .toList();
    long end = 0;
    for (Description description : ordered) {
      require(
          description.begin == end,
          "a tensor begins at %d where the one before ends at %d"
              .formatted(description.begin, end));
      end = description.end;
    }
    require(end == length, "its tensors have %d bytes of %d".formatted(end, length));
  }

  /** Everything read here lies inside the file, as checked, so no array outgrows the file. */
  private StoredTensor tensor(Description description, long data) throws IOException {
    int count = (int) ((description.end - description.begin) / description.type.bytes());
    float[] floats = new float[description.type == StoredTensor.Type.F32 ? count : 0];
    int[] ints = new int[description.type == StoredTensor.Type.I32 ? count : 0];
    long[] longs = new long[description.type == StoredTensor.Type.I64 ? count : 0];
    int step = CHUNK / description.type.bytes();
    for (int from = 0; from < count; from += step) {
      int length = Math.min(step, count - from);
      long position = data + description.begin + (long) from * description.type.bytes();
      ByteBuffer chunk = readFully(length * description.type.bytes(), position);
      switch (description.type) {
        case F32 -> chunk.asFloatBuffer().get(floats, from, length);
        case I32 -> chunk.asIntBuffer().get(ints, from, length);
        case I64 -> chunk.asLongBuffer().get(longs, from, length);
      }
    }
    return switch (description.type) {
      case F32 -> new StoredTensor.Floats(description.shape, floats);
      case I32 -> new StoredTensor.Ints(description.shape, ints);
      case I64 -> new StoredTensor.Longs(description.shape, longs);
    };
  }

  private ByteBuffer readFully(int length, long position) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException(file + " became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private void require(boolean holds, String otherwise) throws IOException {
    if (!holds) {
      throw new IOException("%s is damaged: %s".formatted(file, otherwise));
    }
  }
}
