package dev.windfall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableFileTest {

  private static final byte[] NEW = "new".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  @Test
  void aFileIsReplacedAsAWhole() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "something older");
    DurableFile.write(
        file,
        output -> {
          output.write(NEW);
          assertThat(file).hasContent("something older");
        });
    assertThat(file).hasContent("new");
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void whatFailsLeavesTheOlderFileAndNothingElse() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "older");
    assertThatThrownBy(
            () ->
                DurableFile.write(
                    file,
                    output -> {
                      output.write(NEW);
                      throw new IOException("the disk is full");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("the disk is full");
    assertThat(file).hasContent("older");
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void aRestOfAnInterruptedWriteIsOverwritten() throws IOException {
    Files.writeString(folder.resolve("file.tmp"), "a longer rest of a process that was killed");
    DurableFile.write(folder.resolve("file"), output -> output.write(NEW));
    assertThat(folder.resolve("file")).hasContent("new");
    assertThat(folder.resolve("file.tmp")).doesNotExist();
  }

  @Test
  void aMissingFolderIsNamed() {
    Path file = folder.resolve("none").resolve("file");
    assertThatThrownBy(() -> DurableFile.write(file, output -> output.write(NEW)))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("none");
  }
}
