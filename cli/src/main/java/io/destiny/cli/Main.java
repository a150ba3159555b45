package io.destiny.cli;

/** Entry point of the {@code destiny} command. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("destiny 0.1.0-SNAPSHOT");
  }
}
