package io.destiny.sim.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Where replicas are and how far apart (experiments.md §2). Replica i is in region i mod R.
 *
 * @param regions names, in order
 * @param roundTripNanos symmetric; the diagonal is the round trip inside a region
 * @param capBytes the constant of link cap(i,j) = min(nic, capBytes / RTT)
 * @param nicBitsPerSecond egress and ingress of one machine, each
 * @param windowBytes most bytes in flight on one connection
 * @param bufferBytes of one connection; a sender with a full one waits
 */
public record Geography(
    List<String> regions,
    long[][] roundTripNanos,
    long capBytes,
    long nicBitsPerSecond,
    long windowBytes,
    long bufferBytes) {
  private static final long MILLISECOND = 1_000_000;
  private static final long SIX_GIGABIT = 6_000_000_000L;
  private static final long WINDOW = 4 << 20;
  private static final long BUFFER = 64 << 20;

  /**
   * Ten Azure regions; Microsoft's published monthly medians of July 2023, a proxy for those of
   * 2022 (experiments.md §2).
   */
  public static final Geography AZURE10 =
      of(
          List.of(
              "eastus",
              "canadacentral",
              "canadaeast",
              "southcentralus",
              "westus",
              "westus2",
              "uksouth",
              "northeurope",
              "westeurope",
              "southeastasia"),
          new int[][] {
            {1, 18, 27, 33, 64, 64, 76, 67, 83, 223},
            {18, 1, 13, 48, 62, 64, 93, 84, 99, 218},
            {27, 13, 1, 58, 69, 73, 103, 93, 108, 227},
            {33, 48, 58, 1, 34, 45, 106, 98, 114, 192},
            {64, 62, 69, 34, 1, 23, 136, 130, 145, 169},
            {64, 64, 73, 45, 23, 1, 134, 128, 144, 162},
            {76, 93, 103, 106, 136, 134, 1, 11, 9, 153},
            {67, 84, 93, 98, 130, 128, 11, 1, 18, 164},
            {83, 99, 108, 114, 145, 144, 9, 18, 1, 156},
            {223, 218, 227, 192, 169, 162, 153, 164, 156, 1}
          });

  /** One region, 1 ms round trip, 6 Gb/s. */
  public static final Geography LAN = of(List.of("lan"), new int[][] {{1}});

  /**
   * @throws IllegalArgumentException if the matrix is not square, symmetric and positive
   */
  public Geography {
    int n = regions.size();
    boolean square = n > 0 && roundTripNanos.length == n;
    for (int i = 0; square && i < n; i++) {
      square = roundTripNanos[i].length == n;
    }
    if (!square) {
      throw new IllegalArgumentException("the matrix of round trips must be square");
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        if (roundTripNanos[i][j] < 0 || roundTripNanos[i][j] != roundTripNanos[j][i]) {
          throw new IllegalArgumentException(
              "round trip " + regions.get(i) + " to " + regions.get(j) + " is not symmetric");
        }
      }
    }
    if (capBytes <= 0 || nicBitsPerSecond <= 0 || windowBytes <= 0 || bufferBytes <= 0) {
      throw new IllegalArgumentException("capacities are positive");
    }
  }

  private static Geography of(List<String> regions, int[][] millis) {
    long[][] nanos = new long[millis.length][];
    for (int i = 0; i < millis.length; i++) {
      nanos[i] = Arrays.stream(millis[i]).mapToLong(m -> m * MILLISECOND).toArray();
    }
    return new Geography(regions, nanos, 11_150_000, SIX_GIGABIT, WINDOW, BUFFER);
  }

  /**
   * Reads a profile: lines {@code cap BYTES}, {@code nic BITS_PER_SECOND}, {@code window BYTES},
   * {@code buffer BYTES}, and one {@code region NAME RTT_MS...} a region, with as many round trips
   * as there are regions. {@code #} begins a comment.
   *
   * @throws IllegalArgumentException naming the line that is wrong
   */
  public static Geography parse(List<String> lines) {
    List<String> names = new ArrayList<>();
    List<long[]> rows = new ArrayList<>();
    long cap = AZURE10.capBytes;
    long nic = SIX_GIGABIT;
    long window = WINDOW;
    long buffer = BUFFER;
    for (String line : lines) {
      String[] words = line.replaceFirst("#.*", "").strip().split("\\s+", -1);
      if (words[0].isEmpty()) {
        continue;
      }
      try {
        switch (words[0].toLowerCase(Locale.ROOT)) {
          case "cap" -> cap = Long.parseLong(words[1]);
          case "nic" -> nic = Long.parseLong(words[1]);
          case "window" -> window = Long.parseLong(words[1]);
          case "buffer" -> buffer = Long.parseLong(words[1]);
          case "region" -> {
            names.add(words[1]);
            rows.add(
                Arrays.stream(words, 2, words.length)
                    .mapToLong(w -> Math.round(Double.parseDouble(w) * MILLISECOND))
                    .toArray());
          }
          default -> throw new IllegalArgumentException("unknown word");
        }
      } catch (RuntimeException e) {
        throw new IllegalArgumentException("not a line of a network profile: " + line, e);
      }
    }
    return new Geography(List.copyOf(names), rows.toArray(new long[0][]), cap, nic, window, buffer);
  }

  /** The region of a replica. */
  public int regionOf(int replica) {
    return replica % regions.size();
  }

  /** One way between two regions, nanoseconds. */
  public long oneWay(int from, int to) {
    return roundTripNanos[from][to] / 2;
  }

  /** Bytes a second on one connection: its link's cap, or what the window allows. */
  double connectionRate(int from, int to) {
    double seconds = Math.max(roundTripNanos[from][to], 1) / 1e9;
    double link = Math.min(nicBitsPerSecond / 8.0, capBytes / seconds);
    return Math.min(link, windowBytes / seconds);
  }
}
