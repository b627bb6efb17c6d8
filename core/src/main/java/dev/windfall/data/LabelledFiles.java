package dev.windfall.data;

import java.nio.file.Path;
import java.util.List;

/** Image files and the class of each; lists that are still growing. */
record LabelledFiles(List<Path> files, List<Integer> labels) {
  void add(Path file, int label) {
    files.add(file);
    labels.add(label);
  }

  /** Decodes all files. */
  ImageSet read(ImageShape shape) {
    byte[] bytes = new byte[labels.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = labels.get(i).byteValue();
    }
    return ImageFiles.read(files, bytes, shape);
  }
}
