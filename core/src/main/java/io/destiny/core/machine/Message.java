package io.destiny.core.machine;

/**
 * A message between replicas. Each protocol seals its own family and has its own {@link
 * MessageCodec}; what all share is the header of 00-system-model §5.
 */
public interface Message {
  /**
   * Length of HDR: version u8, type u8, instance u16, epoch u32, view u32, sequence u64, sender
   * u16, flags u16.
   */
  int HEADER_BYTES = 24;

  /** The consensus instance it belongs to. */
  int instance();

  /** The encoded length in bytes, header included, without encoding it. */
  int wireSize();

  /** The name for scripts, metrics and scenario files, such as {@code Prepare}. */
  String kind();

  /** The sequence number or slot it is about, 0 where there is none. */
  long sequence();

  /**
   * True for what may be large (payloads, chunks): the driver sends these on a lane of their own.
   */
  boolean bulk();
}
