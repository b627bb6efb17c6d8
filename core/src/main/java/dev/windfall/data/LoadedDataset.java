package dev.windfall.data;

import java.util.List;

/** A data set whose parts are all at hand. */
record LoadedDataset(
    String name,
    ImageShape shape,
    List<String> classNames,
    ImageSet train,
    ImageSet test,
    ChannelStatistics statistics)
    implements Dataset {
  LoadedDataset {
    classNames = List.copyOf(classNames);
  }
}
