package io.agentmanager.journal;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Turns rows into one array a column, the form in which set-based statements take them. */
public final class Columns {
  private Columns() {}

  /** A column of a row. */
  @FunctionalInterface
  public interface Column<R> {
    /** The value; its text form is what the database casts. */
    @Nullable Object of(R row);
  }

  /** A column of texts, or of anything that PostgreSQL casts from text. */
  public static <R> @Nullable String[] texts(List<R> rows, Column<R> column) {
    @Nullable String[] values = new String[rows.size()];
    for (int i = 0; i < values.length; i++) {
      Object value = column.of(rows.get(i));
      values[i] = value == null ? null : value.toString();
    }
    return values;
  }

  /** A column of whole numbers. */
  public static <R> long[] longs(List<R> rows, ToLongFunction<R> column) {
    return rows.stream().mapToLong(column).toArray();
  }

  /** A column of fractions. */
  public static <R> double[] doubles(List<R> rows, ToDoubleFunction<R> column) {
    return rows.stream().mapToDouble(column).toArray();
  }
}
