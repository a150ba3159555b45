package io.destiny.crypto.bls;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * blst's C functions, one to one. Points in Jacobian form have {@link G1#POINT_BYTES} or {@link
 * G2#POINT_BYTES} bytes, affine ones {@link G1#BYTES} or {@link G2#BYTES}; scalars are
 * little-endian and have 32. Where C takes an array of pointers, a pointer to contiguous elements
 * followed by a null pointer does, too.
 */
final class Blst {
  private static final SymbolLookup LIBRARY = NativeLibrary.load();

  private static final MethodHandle HASH_TO_G1 =
      bind(
          "blst_hash_to_g1",
          FunctionDescriptor.ofVoid(
              ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG));
  private static final MethodHandle SIGN_IN_G1 =
      bind("blst_sign_pk_in_g2", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle G1_TO_AFFINE =
      bind("blst_p1_to_affine", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
  private static final MethodHandle G1_UNCOMPRESS =
      bind("blst_p1_uncompress", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle G1_COMPRESS =
      bind("blst_p1_affine_compress", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
  private static final MethodHandle G1_IN_GROUP =
      bind("blst_p1_affine_in_g1", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
  private static final MethodHandle G1_IS_INFINITY =
      bind("blst_p1_affine_is_inf", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
  private static final MethodHandle FP_NEGATE =
      bind("blst_fp_cneg", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle G1_SUM =
      bind("blst_p1s_add", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle G1_SCRATCH_BYTES =
      bind("blst_p1s_mult_pippenger_scratch_sizeof", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  private static final MethodHandle G1_WEIGHTED_SUM =
      bind(
          "blst_p1s_mult_pippenger",
          FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle G2_FROM_SECRET =
      bind("blst_sk_to_pk_in_g2", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
  private static final MethodHandle G2_TO_AFFINE =
      bind("blst_p2_to_affine", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
  private static final MethodHandle G2_UNCOMPRESS =
      bind("blst_p2_uncompress", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle G2_COMPRESS =
      bind("blst_p2_affine_compress", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
  private static final MethodHandle G2_IN_GROUP =
      bind("blst_p2_affine_in_g2", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
  private static final MethodHandle G2_IS_INFINITY =
      bind("blst_p2_affine_is_inf", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
  private static final MethodHandle G2_SUM =
      bind("blst_p2s_add", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle G2_SCRATCH_BYTES =
      bind("blst_p2s_mult_pippenger_scratch_sizeof", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  private static final MethodHandle G2_WEIGHTED_SUM =
      bind(
          "blst_p2s_mult_pippenger",
          FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle PRECOMPUTE_LINES =
      bind("blst_precompute_lines", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
  private static final MethodHandle MILLER_LOOP_LINES =
      bind("blst_miller_loop_lines", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle MILLER_LOOPS =
      bind("blst_miller_loop_n", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle GT_MULTIPLY =
      bind("blst_fp12_mul", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle FINAL_EXPONENTIATION =
      bind("blst_final_exp", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
  private static final MethodHandle GT_IS_ONE =
      bind("blst_fp12_is_one", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
  private static final MethodHandle SCALAR_FROM_BYTES =
      bind("blst_scalar_from_bendian", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
  private static final MethodHandle SCALAR_CHECK =
      bind("blst_sk_check", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
  private static final MethodHandle SCALAR_FROM_FR =
      bind("blst_scalar_from_fr", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
  private static final MethodHandle FR_FROM_LONGS =
      bind("blst_fr_from_uint64", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
  private static final MethodHandle FR_MULTIPLY =
      bind("blst_fr_mul", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle FR_INVERSE =
      bind("blst_fr_eucl_inverse", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));

  private Blst() {}

  @SuppressWarnings("restricted")
  private static MethodHandle bind(String name, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(LIBRARY.findOrThrow(name), type);
  }

  /** The address of a constant of the library. */
  @SuppressWarnings("restricted")
  static MemorySegment constant(String name, long bytes) {
    return LIBRARY.findOrThrow(name).reinterpret(bytes);
  }

  /**
   * Points with their scalars.
   *
   * @param points an array of pointers to affine points
   * @param scalars an array of pointers to scalars of ⌈bits/8⌉ bytes
   */
  record Terms(MemorySegment points, long count, MemorySegment scalars, long bits) {}

  private static IllegalStateException broken(Throwable cause) {
    return new IllegalStateException("a call of blst failed", cause);
  }

  /** Without an augmentation string. */
  static void hashToG1(MemorySegment out, MemorySegment message, MemorySegment tag) {
    try {
      HASH_TO_G1.invokeExact(
          out, message, message.byteSize(), tag, tag.byteSize(), MemorySegment.NULL, 0L);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void signInG1(MemorySegment out, MemorySegment hash, MemorySegment secret) {
    try {
      SIGN_IN_G1.invokeExact(out, hash, secret);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void g1ToAffine(MemorySegment out, MemorySegment in) {
    try {
      G1_TO_AFFINE.invokeExact(out, in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int g1Uncompress(MemorySegment out, MemorySegment in) {
    try {
      return (int) G1_UNCOMPRESS.invokeExact(out, in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void g1Compress(MemorySegment out, MemorySegment in) {
    try {
      G1_COMPRESS.invokeExact(out, in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static boolean g1InGroup(MemorySegment point) {
    try {
      return (boolean) G1_IN_GROUP.invokeExact(point);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static boolean g1IsInfinity(MemorySegment point) {
    try {
      return (boolean) G1_IS_INFINITY.invokeExact(point);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void fpNegate(MemorySegment out, MemorySegment in, long flag) {
    try {
      FP_NEGATE.invokeExact(out, in, flag);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void g1Sum(MemorySegment out, MemorySegment points, long count) {
    try {
      G1_SUM.invokeExact(out, points, count);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static long g1ScratchBytes(long count) {
    try {
      return (long) G1_SCRATCH_BYTES.invokeExact(count);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void g1WeightedSum(MemorySegment out, Terms terms, MemorySegment scratch) {
    try {
      G1_WEIGHTED_SUM.invokeExact(
          out, terms.points(), terms.count(), terms.scalars(), terms.bits(), scratch);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void g2FromSecret(MemorySegment out, MemorySegment secret) {
    try {
      G2_FROM_SECRET.invokeExact(out, secret);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void g2ToAffine(MemorySegment out, MemorySegment in) {
    try {
      G2_TO_AFFINE.invokeExact(out, in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int g2Uncompress(MemorySegment out, MemorySegment in) {
    try {
      return (int) G2_UNCOMPRESS.invokeExact(out, in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void g2Compress(MemorySegment out, MemorySegment in) {
    try {
      G2_COMPRESS.invokeExact(out, in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static boolean g2InGroup(MemorySegment point) {
    try {
      return (boolean) G2_IN_GROUP.invokeExact(point);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static boolean g2IsInfinity(MemorySegment point) {
    try {
      return (boolean) G2_IS_INFINITY.invokeExact(point);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void g2Sum(MemorySegment out, MemorySegment points, long count) {
    try {
      G2_SUM.invokeExact(out, points, count);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static long g2ScratchBytes(long count) {
    try {
      return (long) G2_SCRATCH_BYTES.invokeExact(count);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void g2WeightedSum(MemorySegment out, Terms terms, MemorySegment scratch) {
    try {
      G2_WEIGHTED_SUM.invokeExact(
          out, terms.points(), terms.count(), terms.scalars(), terms.bits(), scratch);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void precomputeLines(MemorySegment out, MemorySegment point) {
    try {
      PRECOMPUTE_LINES.invokeExact(out, point);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void millerLoopLines(MemorySegment out, MemorySegment lines, MemorySegment point) {
    try {
      MILLER_LOOP_LINES.invokeExact(out, lines, point);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void millerLoops(MemorySegment out, MemorySegment keys, MemorySegment points, long count) {
    try {
      MILLER_LOOPS.invokeExact(out, keys, points, count);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void gtMultiply(MemorySegment out, MemorySegment a, MemorySegment b) {
    try {
      GT_MULTIPLY.invokeExact(out, a, b);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void finalExponentiation(MemorySegment out, MemorySegment in) {
    try {
      FINAL_EXPONENTIATION.invokeExact(out, in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static boolean gtIsOne(MemorySegment in) {
    try {
      return (boolean) GT_IS_ONE.invokeExact(in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void scalarFromBytes(MemorySegment out, MemorySegment in) {
    try {
      SCALAR_FROM_BYTES.invokeExact(out, in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static boolean scalarCheck(MemorySegment in) {
    try {
      return (boolean) SCALAR_CHECK.invokeExact(in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void scalarFromFr(MemorySegment out, MemorySegment in) {
    try {
      SCALAR_FROM_FR.invokeExact(out, in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void frFromLongs(MemorySegment out, MemorySegment in) {
    try {
      FR_FROM_LONGS.invokeExact(out, in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void frMultiply(MemorySegment out, MemorySegment a, MemorySegment b) {
    try {
      FR_MULTIPLY.invokeExact(out, a, b);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static void frInverse(MemorySegment out, MemorySegment in) {
    try {
      FR_INVERSE.invokeExact(out, in);
    } catch (Throwable t) {
      throw broken(t);
    }
  }
}
