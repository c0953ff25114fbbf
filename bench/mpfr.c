// Judges pairs of argument and result by MPFR: mpfr NAME 32|64 < pairs. Prints the first few that differ, then a count.
#include <mpfr.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef int (*function)(mpfr_t, const mpfr_t, mpfr_rnd_t);

static const struct { const char *name; function of; } functions[] = {
  {"exp", mpfr_exp}, {"log", mpfr_log}, {"tanh", mpfr_tanh}, {"erf", mpfr_erf}, {"erfc", mpfr_erfc}, {"sin", mpfr_sin}, {"cos", mpfr_cos},
  {"expm1", mpfr_expm1}, {"log1p", mpfr_log1p}, {"exp2", mpfr_exp2}, {"log2", mpfr_log2}, {"atan", mpfr_atan}, {"tan", mpfr_tan},
  {"asin", mpfr_asin}, {"acos", mpfr_acos}, {"sinh", mpfr_sinh}, {"cosh", mpfr_cosh}, {"asinh", mpfr_asinh}, {"acosh", mpfr_acosh},
  {"atanh", mpfr_atanh},
};

static uint64_t expected(function of, int bits, uint64_t argument)
{
  mpfr_t x, y;
  double value;
  if (bits == 32) {
    float narrow;
    uint32_t word = (uint32_t)argument;
    memcpy(&narrow, &word, 4);
    value = narrow;
  } else {
    memcpy(&value, &argument, 8);
  }

  mpfr_init2(x, 53);
  mpfr_init2(y, bits == 32 ? 24 : 53);
  mpfr_set_d(x, value, MPFR_RNDN);
  int inexact = of(y, x, MPFR_RNDN);
  mpfr_subnormalize(y, inexact, MPFR_RNDN);
  uint64_t result = 0;
  if (mpfr_nan_p(y)) {
    result = bits == 32 ? 0x7FC00000u : 0x7FF8000000000000u;
  } else if (bits == 32) {
    float narrow = mpfr_get_flt(y, MPFR_RNDN);
    memcpy(&result, &narrow, 4);
  } else {
    value = mpfr_get_d(y, MPFR_RNDN);
    memcpy(&result, &value, 8);
  }

  mpfr_clears(x, y, (mpfr_ptr)0);
  return result;
}

int main(int count, char **words)
{
  function of = 0;
  for (size_t i = 0; count == 3 && i < sizeof functions / sizeof *functions; i++)
    if (!strcmp(functions[i].name, words[1])) of = functions[i].of;
  int bits = count == 3 && !strcmp(words[2], "64") ? 64 : 32;
  if (!of) return 64;
  mpfr_set_emin(bits == 32 ? -148 : -1073);
  mpfr_set_emax(bits == 32 ? 128 : 1024);
  long pairs = 0, wrong = 0;
  uint64_t pair[2] = {0, 0};
  uint32_t narrow[2];
  while (bits == 32 ? fread(narrow, 8, 1, stdin) : fread(pair, 16, 1, stdin)) {
    if (bits == 32) {
      pair[0] = narrow[0];
      pair[1] = narrow[1];
    }

    pairs++;
    uint64_t right = expected(of, bits, pair[0]);
    if (right != pair[1] && wrong++ < 5)
      printf("%s(%llx) = %llx, not %llx\n", words[1], (unsigned long long)pair[0], (unsigned long long)right, (unsigned long long)pair[1]);
  }

  printf("%s f%d: %ld pairs, %ld differ (MPFR %s)\n", words[1], bits, pairs, wrong, mpfr_get_version());
  return wrong != 0 || pairs == 0;
}
