package dev.windfall.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A data set of one's own: PNG and JPEG files in {@code train/CLASS} and {@code test/CLASS}; where
 * there is no folder {@code test}, {@code val} is taken for it. The classes are the folders of
 * {@code train}, sorted by name, the images of a class its files, sorted by name. All images have
 * the size of the first: none is resized or cropped, because that choice belongs to whoever
 * prepares the data.
 */
final class ImageFolder {
  static final String NAME = "image-folder";

  /** Labels are bytes. */
  private static final int MOST_CLASSES = 256;

  private ImageFolder() {}

  static Dataset read(Path folder) {
    Path train = folder.resolve("train");
    Path test = folder.resolve(Files.isDirectory(folder.resolve("test")) ? "test" : "val");
    if (!Files.isDirectory(train) || !Files.isDirectory(test)) {
      throw new DatasetException(
          "%s: put the images into %s and %s; one of these folders does not exist"
              .formatted(
                  NAME,
                  folder.resolve("train").resolve("CLASS"),
                  folder.resolve("test").resolve("CLASS")));
    }
    List<String> classes = FolderListing.folders(train).stream().map(FolderListing::name).toList();
    if (classes.isEmpty() || classes.size() > MOST_CLASSES) {
      throw new DatasetException(
          "%s: 1 to %d folders expected, one for each class, found %d"
              .formatted(train, MOST_CLASSES, classes.size()));
    }
    LabelledFiles trainFiles = files(train, classes);
    ImageShape shape = ImageFiles.shape(trainFiles.files().getFirst());
    ImageSet images = trainFiles.read(shape);
    return new LoadedDataset(
        NAME,
        shape,
        classes,
        images,
        files(test, classes).read(shape),
        ChannelStatistics.of(shape, images));
  }

  private static LabelledFiles files(Path part, List<String> classes) {
    LabelledFiles files = new LabelledFiles(new ArrayList<>(), new ArrayList<>());
    for (Path folder : FolderListing.folders(part)) {
      int label = classes.indexOf(FolderListing.name(folder));
      if (label < 0) {
        throw new DatasetException(
            folder + ": a class of this name is not among those to train on");
      }
      List<Path> images = FolderListing.images(folder);
      if (images.isEmpty()) {
        throw new DatasetException(folder + ": holds no image; files end in .png, .jpg or .jpeg");
      }
      images.forEach(image -> files.add(image, label));
    }
    if (files.files().isEmpty()) {
      throw new DatasetException(part + ": holds no folder of a class");
    }
    return files;
  }
}
