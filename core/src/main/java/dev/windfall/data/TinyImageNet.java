package dev.windfall.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Tiny ImageNet: photographs of 200 classes of ImageNet, 64 × 64, 500 to train on and 50 to
 * validate on for each, as unpacked from tiny-imagenet-200.zip. The validation images serve as test
 * images, because the labels of the test images were never published. A class is named by its
 * WordNet identifier.
 */
final class TinyImageNet {
  static final String NAME = "tiny-imagenet";
  private static final String SOURCE = "http://cs231n.stanford.edu/tiny-imagenet-200.zip, unpacked";
  private static final ImageShape SHAPE = new ImageShape(3, 64, 64);
  private static final int CLASSES = 200;
  private static final int TRAIN_PER_CLASS = 500;
  private static final int VALIDATION_PER_CLASS = 50;
  private static final long LARGEST_ANNOTATIONS = 16L << 20;
  private static final Pattern TAB = Pattern.compile("\t");

  private TinyImageNet() {}

  /** Reads a folder, or its subfolder tiny-imagenet-200. */
  static Dataset read(Path folder) {
    return read(folder, CLASSES, TRAIN_PER_CLASS, VALIDATION_PER_CLASS);
  }

  static Dataset read(Path folder, int classes, int trainPerClass, int validationPerClass) {
    Path below = folder.resolve("tiny-imagenet-200");
    Path root = Files.isDirectory(below) ? below : folder;
    if (!Files.isDirectory(root.resolve("train")) || !Files.isDirectory(root.resolve("val"))) {
      throw new DatasetException(
          "%s: missing train or val: put these folders into the folder %s; source: %s"
              .formatted(NAME, folder, SOURCE));
    }
    List<Path> folders = FolderListing.folders(root.resolve("train"));
    List<String> names = folders.stream().map(FolderListing::name).toList();
    expect(root.resolve("train"), "folders of a class", classes, names.size());
    LabelledFiles train = new LabelledFiles(new ArrayList<>(), new ArrayList<>());
    for (int label = 0; label < classes; label++) {
      Path images = folders.get(label).resolve("images");
      List<Path> files = FolderListing.images(images);
      expect(images, "images", trainPerClass, files.size());
      for (Path file : files) {
        train.add(file, label);
      }
    }
    LabelledFiles validation = validation(root.resolve("val"), names);
    expect(
        root.resolve("val/images"),
        "images",
        classes * validationPerClass,
        validation.files().size());
    ImageSet images = train.read(SHAPE);
    return new LoadedDataset(
        NAME, SHAPE, names, images, validation.read(SHAPE), ChannelStatistics.of(SHAPE, images));
  }

  private static LabelledFiles validation(Path folder, List<String> names) {
    Path annotations = folder.resolve("val_annotations.txt");
    Map<String, Integer> labels = labels(annotations, names);
    LabelledFiles files = new LabelledFiles(new ArrayList<>(), new ArrayList<>());
    for (Path file : FolderListing.images(folder.resolve("images"))) {
      Integer label = labels.get(FolderListing.name(file));
      if (label == null) {
        throw new DatasetException(annotations + ": has no line for " + FolderListing.name(file));
      }
      files.add(file, label);
    }
    return files;
  }

  /** Lines of a file name, a class and the corners of a box, which is not used. */
  private static Map<String, Integer> labels(Path annotations, List<String> names) {
    Map<String, Integer> labels = new HashMap<>();
    List<String> lines = lines(annotations);
    for (int line = 0; line < lines.size(); line++) {
      String[] fields = TAB.split(lines.get(line), 3);
      int label = fields.length < 2 ? -1 : names.indexOf(fields[1]);
      if (label < 0 || labels.put(fields[0], label) != null) {
        throw new DatasetException(
            "%s: line %d: a new file name, a tab and a class of the training images expected"
                .formatted(annotations, line + 1));
      }
    }
    return labels;
  }

  private static List<String> lines(Path path) {
    try {
      if (Files.size(path) > LARGEST_ANNOTATIONS) {
        throw new DatasetException(path + ": more than " + LARGEST_ANNOTATIONS + " bytes");
      }
      return Files.readAllLines(path);
    } catch (IOException e) {
      throw new DatasetException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static void expect(Path path, String what, int expected, int found) {
    if (found != expected) {
      throw new DatasetException(
          "%s: %d %s expected, found %d".formatted(path, expected, what, found));
    }
  }
}
