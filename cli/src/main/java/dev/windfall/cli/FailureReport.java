package dev.windfall.cli;

import dev.windfall.experiment.RunStoppedException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells of failures in one line, and of their stack only where somebody asked for it. */
final class FailureReport {

  /** Set to anything: failures come with their stack. */
  private static final String VERBOSE_VARIABLE = "WINDFALL_VERBOSE";

  private FailureReport() {}

  /** A command line that cannot be understood: exit code 2. */
  static int wrongUsage(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().printf("%s: %s%n", name, firstLine(String.valueOf(failure.getMessage())));
    UnmatchedArgumentException.printSuggestions(failure, command.getErr());
    if (failure.getClass() != ParameterException.class) {
      // The parser's own failures: words that it does not know, or misses.
      command.getErr().printf("'%s --help' shows what there is%n", name);
    }
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** A command that failed: exit code 1. */
  static int failed(Exception failure, CommandLine command, ParseResult result) {
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().printf("%s: %s%n", name, describe(failure));
    Windfall root = (Windfall) command.getCommandSpec().root().userObject();
    if (root.isVerbose() || System.getenv(VERBOSE_VARIABLE) != null) {
      failure.printStackTrace(command.getErr());
    } else if (isUnexpected(failure)) {
      command.getErr().println("--verbose shows where");
    }
    command.getErr().flush();
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  /** What went wrong; the system's file exceptions have a path and no words for it. */
  static String describe(Throwable failure) {
    String message = Objects.requireNonNullElse(failure.getMessage(), "");
    return switch (failure) {
      case NoSuchFileException e -> "there is no " + e.getFile();
      case FileAlreadyExistsException e -> e.getFile() + " is there already, and is no folder";
      case NotDirectoryException e -> e.getFile() + " is no folder";
      case AccessDeniedException e -> "no permission to read or write " + e.getFile();
      case FileSystemException e -> firstLine(message);
      case RunStoppedException e -> describe(e);
      case OutOfMemoryError e ->
          "the Java heap is too small (%s); give it more, such as WINDFALL_JAVA_OPTS=-Xmx8g"
              .formatted(message);
      default ->
          isUnexpected(failure)
              ? "unexpected failure: %s %s".formatted(failure.getClass().getName(), message)
              : firstLine(message);
    };
  }

  private static String describe(RunStoppedException failure) {
    return "%s: %s; %s, 'windfall resume %s' goes on"
        .formatted(
            failure.getMessage(),
            describe(Objects.requireNonNull(failure.getCause(), "it always has one")),
            failure.step() == null
                ? "there is no checkpoint yet"
                : "the last good checkpoint is of step " + failure.step(),
            failure.folder().path());
  }

  private static boolean isUnexpected(Throwable failure) {
    return failure.getMessage() == null
        || failure instanceof NullPointerException
        || failure instanceof IndexOutOfBoundsException
        || failure instanceof ClassCastException;
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("").strip();
  }
}
