package dev.windfall.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Writes safetensors: eight bytes with the header's length, a JSON header, then the tensors' values
 * back to back, little endian. Equal tensors make equal bytes: the widest type comes first, so that
 * every value is aligned, and names ascend within a type.
 */
final class SafetensorsWriter {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ALIGNMENT = 8;
  private static final int CHUNK = 1 << 16;

  private SafetensorsWriter() {}

  static void write(
      SortedMap<String, String> metadata,
      SortedMap<String, StoredTensor> tensors,
      OutputStream output)
      throws IOException {
    List<Map.Entry<String, StoredTensor>> ordered =
        tensors.entrySet().stream()
            .sorted(
                Comparator.comparing(
                    (Map.Entry<String, StoredTensor> entry) -> entry.getValue().type()))
            .toList();
    byte[] header = header(metadata, ordered);
    output.write(
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .array());
    output.write(header);
    for (Map.Entry<String, StoredTensor> entry : ordered) {
      writeValues(entry.getValue(), output);
    }
  }

  private static byte[] header(
      Map<String, String> metadata, List<Map.Entry<String, StoredTensor>> tensors)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    ObjectNode about = header.putObject("__metadata__");
    metadata.forEach(about::put);
    long offset = 0;
    for (Map.Entry<String, StoredTensor> entry : tensors) {
      StoredTensor tensor = entry.getValue();
      long end = offset + (long) tensor.length() * tensor.type().bytes();
      ObjectNode description = header.putObject(entry.getKey());
      description.put("dtype", tensor.type().name());
      tensor.shape().forEach(description.putArray("shape")::add);
      description.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] text = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(text, (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }

  private static void writeValues(StoredTensor tensor, OutputStream output) throws IOException {
    int step = CHUNK / tensor.type().bytes();
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < tensor.length(); from += step) {
      int count = Math.min(step, tensor.length() - from);
      tensor.put(buffer, from, count);
      output.write(buffer.array(), 0, count * tensor.type().bytes());
    }
  }
}
