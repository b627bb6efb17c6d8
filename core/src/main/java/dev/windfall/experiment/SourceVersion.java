package dev.windfall.experiment;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which Windfall this is.
 *
 * @param version as the build says in the jar's manifest; {@code unpackaged} where it runs from
 *     loose classes
 * @param commit of the git working tree that this code was built in, with {@code -dirty} where
 *     files were changed since; null where it lies in none
 */
record SourceVersion(String version, @Nullable String commit) {

  private static final int GIT_SECONDS = 10;

  /** The running one. */
  static SourceVersion current() {
    String version = SourceVersion.class.getPackage().getImplementationVersion();
    Optional<String> commit =
        location().flatMap(SourceVersion::workingTree).flatMap(SourceVersion::describe);
    return new SourceVersion(
        Objects.requireNonNullElse(version, "unpackaged"), commit.orElse(null));
  }

  private static Optional<Path> location() {
    CodeSource source = SourceVersion.class.getProtectionDomain().getCodeSource();
    try {
      return source == null || source.getLocation() == null
          ? Optional.empty()
          : Optional.of(Path.of(source.getLocation().toURI()));
    } catch (URISyntaxException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The folder above the code that holds these sources and git's own folder. */
  private static Optional<Path> workingTree(Path code) {
    for (Path folder = code.toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve(".git"))) {
        return Files.isDirectory(folder.resolve("core/src/main/java/dev/windfall"))
            ? Optional.of(folder)
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static Optional<String> describe(Path workingTree) {
    try {
      Process git =
          new ProcessBuilder(
                  "git",
                  "-C",
                  workingTree.toString(),
                  "describe",
                  "--always",
                  "--dirty",
                  "--abbrev=40",
                  "--exclude=*")
              .redirectErrorStream(true)
              .start();
      String answer =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      boolean ended = git.waitFor(GIT_SECONDS, TimeUnit.SECONDS);
      return ended && git.exitValue() == 0 && answer.matches("[0-9a-f]{40,64}(-dirty)?")
          ? Optional.of(answer)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
