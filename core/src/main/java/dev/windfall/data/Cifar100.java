package dev.windfall.data;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * CIFAR-100: photographs in colour, 32 × 32 (A. Krizhevsky, "Learning multiple layers of features
 * from tiny images", 2009), in its official binary version, where a coarse label (20 classes, not
 * used) comes before the fine one.
 */
final class Cifar100 {
  static final String NAME = "cifar-100";

  /** With the MD5 that the data set's page publishes. */
  static final Download DOWNLOAD =
      Download.of(
          "https://www.cs.toronto.edu/~kriz/",
          "cifar-100-binary.tar.gz",
          "03b5dce01913d631647c71ecec9e9cb8");

  private static final DataFolder FILES =
      new DataFolder(
          NAME,
          "cifar-100-binary",
          List.of("train.bin", "test.bin"),
          "cifar-100-binary.tar.gz",
          "cifar-100-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html");

  private static final int TRAIN_RECORDS = 50_000;
  private static final int TEST_RECORDS = 10_000;
  private static final List<String> CLASS_NAMES =
      """
      apple, aquarium fish, baby, bear, beaver, bed, bee, beetle, bicycle, bottle, bowl,
      boy, bridge, bus, butterfly, camel, can, castle, caterpillar, cattle, chair,
      chimpanzee, clock, cloud, cockroach, couch, crab, crocodile, cup, dinosaur, dolphin,
      elephant, flatfish, forest, fox, girl, hamster, house, kangaroo, keyboard, lamp,
      lawn mower, leopard, lion, lizard, lobster, man, maple tree, motorcycle, mountain,
      mouse, mushroom, oak tree, orange, orchid, otter, palm tree, pear, pickup truck,
      pine tree, plain, plate, poppy, porcupine, possum, rabbit, raccoon, ray, road, rocket,
      rose, sea, seal, shark, shrew, skunk, skyscraper, snail, snake, spider, squirrel,
      streetcar, sunflower, sweet pepper, table, tank, telephone, television, tiger,
      tractor, train, trout, tulip, turtle, wardrobe, whale, willow tree, wolf, woman, worm
      """
          .lines()
          .flatMap(line -> Pattern.compile(", ?").splitAsStream(line))
          .toList();
  private static final ChannelStatistics STATISTICS =
      new ChannelStatistics(List.of(0.5071, 0.4865, 0.4409), List.of(0.2673, 0.2564, 0.2762));

  private Cifar100() {}

  /** Reads both files, or the archive, from a folder or its subfolder cifar-100-binary. */
  static Dataset read(Path folder) {
    return read(folder, TRAIN_RECORDS, TEST_RECORDS);
  }

  static Dataset read(Path folder, int trainRecords, int testRecords) {
    CifarReader reader = new CifarReader(2, CLASS_NAMES.size(), trainRecords, testRecords);
    FILES.read(folder, reader);
    return new LoadedDataset(
        NAME, CifarReader.SHAPE, CLASS_NAMES, reader.images(0, 0), reader.images(1, 1), STATISTICS);
  }
}
