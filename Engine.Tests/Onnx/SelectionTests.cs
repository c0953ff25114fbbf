using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Operators that choose, scatter, accumulate and turn bits: values worked out by hand.</summary>
internal sealed class SelectionTests
{
    private const float None = float.NegativeInfinity;

    [Test]
    public void Order_has_NaN_at_the_top_and_one_zero()
    {
        Tensor x = F32([2, 4], 1, float.NaN, 3, float.NaN, -0f, 0, -0f, 0);
        Check(Run("ArgMax", [x], Made.Int("axis", 1), Made.Int("keepdims", 0)), 1, 0);
        Check(Run("ArgMax", [x], Made.Int("axis", 1), Made.Int("keepdims", 0), Made.Int("select_last_index", 1)), 3, 3);
        Check(Run("ArgMin", [x], Made.Int("axis", 1), Made.Int("keepdims", 0)), 0, 0);
        Check(Run("ArgMin", [x], Made.Int("axis", -1), Made.Int("keepdims", 0), Made.Int("select_last_index", 1)), 0, 3);
        Tensor[] best = RunMany("TopK", 2, [x, I64([1], 3)], Made.Int("axis", 1));
        Check(best[1], 1, 3, 2, 0, 1, 2);
        Check(best[0], float.NaN, float.NaN, 3, -0f, 0, -0f);
        Check(RunMany("TopK", 2, [x, I64([1], 3)], Made.Int("largest", 0))[1], 0, 2, 1, 0, 1, 2);
        Check(Run("Hardmax", [x]), 0, 1, 0, 0, 1, 0, 0, 0);
    }

    [Test]
    public void Least_integers_and_infinities_are_found()
    {
        Check(Run("ArgMax", [F32([3], None, None, None)]), 0);
        Check(Run("ArgMin", [F32([3], -None, -None, -None)]), 0);
        Check(Run("ArgMax", [I64([3], long.MinValue, long.MinValue, long.MinValue)], Made.Int("select_last_index", 1)), 2);
        Tensor unsigned = Tensor.Of<ulong>(DType.U64, new Shape(3), 1, ulong.MaxValue, long.MaxValue);
        Check(Run("ArgMax", [unsigned]), 1);
        Check(Run("ArgMin", [unsigned]), 0);
        Check(RunMany("TopK", 2, [unsigned, I64([1], 2)])[1], 1, 2);
    }

    [Test]
    public void Long_rows_give_what_short_ones_do([Values(false, true)] bool last)
    {
        Adversarial random = new(11);
        Tensor x = random.Tensor(DType.F32, new Shape(3, 9000), Adversarial.Mood.Ties);
        long[] places = new long[6];
        for (int row = 0; row < 3; row++)
        {
            float[] elements = x.As<float>().Slice(row * 9000, 9000).ToArray();
            (places[row], places[row + 3]) = last
                ? (Array.LastIndexOf(elements, elements.Max()), Array.LastIndexOf(elements, elements.Min()))
                : (Array.IndexOf(elements, elements.Max()), Array.IndexOf(elements, elements.Min()));
        }

        AttributeProto[] attributes = [Made.Int("axis", 1), Made.Int("select_last_index", last ? 1 : 0)];
        Check(Run("ArgMax", [x], attributes), places[..3]);
        Check(Run("ArgMin", [x], attributes), places[3..]);
    }

    [Test]
    public void Long_rows_are_chosen_from_by_blocks([Values(70_000, 69_632)] int n, [Values(1, 512)] int k, [Values(0, 1)] int largest)
    {
        Tensor x = new Adversarial(12).Tensor(DType.F32, new Shape(2, n), Adversarial.Mood.Ties);
        Tensor[] best = RunMany("TopK", 2, [x, I64([1], k)], Made.Int("largest", largest));
        float[] elements = x.As<float>().ToArray();
        for (int row = 0; row < 2; row++)
        {
            IEnumerable<int> order = Enumerable.Range(0, n).OrderBy(i => elements[(row * n) + i] * (largest == 1 ? -1 : 1)).ThenBy(i => i).Take(k);
            Assert.That(best[1].As<long>().Slice(row * k, k).ToArray(), Is.EqualTo(order.Select(i => (long)i)));
            Assert.That(best[0].As<float>().Slice(row * k, k).ToArray(), Is.EqualTo(order.Select(i => elements[(row * n) + i])));
        }
    }

    [Test]
    public void Hardmax_before_opset_13_is_one_row_from_its_axis_on()
    {
        Tensor x = F32([2, 2, 2], 1, 2, 3, 0, 5, 5, 5, 5);
        Check(Run("Hardmax", 11, [x]), 0, 0, 1, 0, 1, 0, 0, 0);
        Check(Run("Hardmax", 11, [x], Made.Int("axis", 2)), 0, 1, 1, 0, 1, 0, 1, 0);
        Check(Run("Hardmax", 13, [x], Made.Int("axis", 1)), 0, 1, 1, 0, 1, 1, 0, 0);
    }

    [Test]
    public void TopK_takes_k_as_its_opset_says()
    {
        Tensor x = F32([4], 1, 4, 2, 4);
        Check(RunMany("TopK", 2, 9, [x], Made.Int("k", 3))[1], 1, 3, 2);
        Check(RunMany("TopK", 2, 10, [x, I64([1], 3)])[1], 1, 3, 2);
        Check(RunMany("TopK", 2, [F32([3, 2], 1, 6, 5, 2, 3, 4), I64([1], 2)], Made.Int("axis", 0), Made.Int("sorted", 0))[1], 1, 0, 2, 2);
        Refused<InvalidModelException>("the best 5 of 4", () => RunMany("TopK", 2, [x, I64([1], 5)]));
        Refused<InvalidModelException>("k is an attribute before opset 10", () => RunMany("TopK", 2, 9, [x, I64([1], 3)], Made.Int("k", 3)));
    }

    [Test]
    public void Running_totals_go_either_way_with_or_without_the_element()
    {
        Tensor x = F32([2, 3], 1, 2, 3, 4, 5, 6);
        AttributeProto exclusive = Made.Int("exclusive", 1);
        AttributeProto reverse = Made.Int("reverse", 1);
        Check(Run("CumSum", [x, I64([], 1)]), 1, 3, 6, 4, 9, 15);
        Check(Run("CumSum", [x, I64([1], -2)]), 1, 2, 3, 5, 7, 9);
        Check(Run("CumSum", [x, I64([], 1)], exclusive), 0, 1, 3, 0, 4, 9);
        Check(Run("CumSum", [x, I64([], 1)], reverse), 6, 5, 3, 15, 11, 6);
        Check(Run("CumSum", [x, I64([], 1)], exclusive, reverse), 5, 3, 0, 11, 6, 0);
        Check(Run("CumProd", 26, [x, I64([], 1)]), 1, 2, 6, 4, 20, 120);
        Check(Run("CumProd", 26, [x, I64([], 1)], exclusive, reverse), 6, 3, 1, 30, 6, 1);
        Check(Run("CumProd", 26, [I64([3], long.MaxValue, 2, 3), I64([], 0)]), long.MaxValue, -2, -6);
        Check(Run("CumSum", [F32([1, 1], -0f), I64([], 0)]), -0f);
        Check(Run("CumSum", [F32([2, 1], -0f, -0f), I64([], 0)], exclusive), 0, -0f);
    }

    [Test]
    public void Running_totals_of_halves_are_rounded_once_each()
    {
        // 2048 + 1 is no f16: a total kept in f16 would stay at 2048.
        Half[] ones = [(Half)2048, .. Enumerable.Repeat((Half)1, 5)];
        Tensor totals = Run("CumSum", [Tensor.Of(DType.F16, new Shape(6), ones.AsSpan()), I64([], 0)]);
        Check(totals, (Half)2048, (Half)2048, (Half)2050, (Half)2052, (Half)2052, (Half)2052);
    }

    [Test]
    public void Totals_are_sequential_sums([Values(1, 255, 256, 257, 5000)] int n)
    {
        Tensor x = new Adversarial(5).Tensor(DType.F32, new Shape(2, n), Adversarial.Mood.Cancelling);
        float[] expected = x.As<float>().ToArray();
        for (int i = 0; i < 2 * n; i++)
        {
            expected[i] = i % n == 0 ? expected[i] : expected[i - 1] + expected[i];
        }

        Check(Run("CumSum", [x, I64([], 1)]), expected);
    }

    [Test]
    public void Elements_are_gathered_along_an_axis()
    {
        Tensor x = F32([3, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9);
        Check(Run("GatherElements", [x, I64([2, 3], 1, 2, 0, 2, 0, 0)]), 4, 8, 3, 7, 2, 3);
        Check(Run("GatherElements", [x, I64([2, 3], -1, -2, 0, -2, 0, 0)]), 7, 5, 3, 4, 2, 3);
        Check(Run("GatherElements", [x, I64([1, 4], 0, -9, 9, 2)], Made.Int("axis", 1)), 1, 1, 3, 3);
        Refused<InvalidModelException>("along axis 0 only", () => Run("GatherElements", [x, I64([1, 4], 0, 0, 0, 0)]));
    }

    [Test]
    public void Tuples_of_indices_choose_slices()
    {
        Tensor x = I64([2, 2, 2], 0, 1, 2, 3, 4, 5, 6, 7);
        Check(Run("GatherND", [x, I64([2, 1, 2], 0, 1, 1, 0)]), 2, 3, 4, 5);
        Check(Run("GatherND", [x, I64([2, 1], 1, 0)], Made.Int("batch_dims", 1)), 2, 3, 4, 5);
        Check(Run("GatherND", [x, I64([2, 2, 1], -1, 0, 1, 9)], Made.Int("batch_dims", 2)), 1, 2, 5, 7);
        Check(Run("GatherND", [x, I64([3], -1, 0, -9)]), 4);
        Refused<InvalidModelException>("after 1 axes of batch", () => Run("GatherND", [x, I64([1, 1], 0)], Made.Int("batch_dims", 1)));
    }

    [Test]
    public void Updates_apply_in_ascending_order()
    {
        Tensor x = F32([1, 5], 1, 2, 3, 4, 5);
        Tensor twice = I64([1, 2], 1, 1);
        Tensor updates = F32([1, 2], 1.5f, 2.5f);
        AttributeProto axis = Made.Int("axis", 1);
        Check(Run("ScatterElements", [x, twice, updates], axis), 1, 2.5f, 3, 4, 5);
        Check(Run("ScatterElements", [x, twice, updates], axis, Made.Text("reduction", "add")), 1, 6, 3, 4, 5);
        Check(Run("ScatterElements", [x, twice, updates], axis, Made.Text("reduction", "mul")), 1, 7.5f, 3, 4, 5);
        Check(Run("ScatterElements", [x, twice, updates], axis, Made.Text("reduction", "max")), 1, 2.5f, 3, 4, 5);
        Check(Run("ScatterElements", [x, twice, updates], axis, Made.Text("reduction", "min")), 1, 1.5f, 3, 4, 5);
        Check(Run("ScatterElements", [x, I64([1, 3], -3, 5, -6), F32([1, 3], 9, 8, 7)], axis), 1, 2, 9, 4, 5);
        Check(Run("Scatter", 9, [x, I64([1, 2], 1, 3), updates], axis), 1, 1.5f, 3, 2.5f, 5);
        Tensor[] sums = [F32([1], 1e8f), I64([3], 0, 0, 0), F32([3], 4, 4, -1e8f)];
        Check(Run("ScatterElements", sums, Made.Text("reduction", "add")), 0);
        Refused<InvalidModelException>(
            "reduction 'max' before opset 18", () => Run("ScatterElements", 16, [x, twice, updates], axis, Made.Text("reduction", "max")));
        Refused<UnsupportedModelException>(
            "attribute 'reduction'", () => Run("ScatterElements", 13, [x, twice, updates], axis, Made.Text("reduction", "add")));
    }

    [Test]
    public void Updates_may_be_fewer_than_the_slices_of_X()
    {
        Tensor zeros = F32([3, 3], 0, 0, 0, 0, 0, 0, 0, 0, 0);
        Tensor updates = F32([2, 3], 1, 2, 3, 4, 5, 6);
        Check(Run("ScatterElements", [zeros, I64([2, 3], 1, 0, 2, 0, 2, 1), updates]), 4, 2, 0, 1, 0, 6, 0, 5, 3);
        Tensor few = Tensor.Of<int>(DType.I32, new Shape(2, 2), 1, 0, 0, 0);
        Check(Run("ScatterElements", [zeros, few, F32([2, 2], 1, 2, 3, 4)], Made.Int("axis", 1)), 2, 1, 0, 4, 0, 0, 0, 0, 0);
    }

    [Test]
    public void Tuples_of_indices_take_updates()
    {
        Tensor x = F32([4], 1, 2, 3, 4);
        Check(Run("ScatterND", [x, I64([3, 1], 1, -1, 4), F32([3], 9, 8, 7)]), 1, 9, 3, 8);
        Tensor square = F32([2, 2], 1, 2, 3, 4);
        Check(Run("ScatterND", [square, I64([3, 2], 0, 1, 0, 1, 1, 2), F32([3], 10, 20, 5)], Made.Text("reduction", "add")), 1, 32, 3, 4);
        Check(Run("ScatterND", [square, I64([2, 1], 1, 1), F32([2, 2], 2, 3, 4, 5)], Made.Text("reduction", "mul")), 1, 2, 24, 60);
        Check(Run("ScatterND", [square, I64([0, 1]), F32([0, 2])]), 1, 2, 3, 4);
        Refused<InvalidModelException>("for f32[2,2]", () => Run("ScatterND", [square, I64([1, 1], 1), F32([2], 2, 3)]));
    }

    [Test]
    public void Caches_are_written_in_line_or_around()
    {
        Tensor past = F32([2, 3, 1], 1, 2, 3, 4, 5, 6);
        Tensor update = F32([2, 2, 1], 7, 8, 9, 10);
        Check(Run("TensorScatter", [past, update, I64([2], 1, 0)]), 1, 7, 8, 9, 10, 6);
        Check(Run("TensorScatter", [past, update]), 7, 8, 3, 9, 10, 6);
        Check(Run("TensorScatter", [past, update, I64([2], 2, -1)], Made.Text("mode", "circular")), 8, 2, 7, 10, 5, 9);
        Check(Run("TensorScatter", [past, update, I64([2], 2, -1)]), 1, 2, 7, 10, 5, 6);
    }

    [Test]
    public void Sequences_are_turned_up_to_their_length()
    {
        Tensor x = F32([3, 2], 1, 2, 3, 4, 5, 6);
        Check(Run("ReverseSequence", [x, I64([2], 3, 2)]), 5, 4, 3, 2, 1, 6);
        Check(Run("ReverseSequence", [x, I64([3], 2, 1, 0)], Made.Int("batch_axis", 0), Made.Int("time_axis", 1)), 2, 1, 3, 4, 5, 6);
    }

    [Test]
    public void Pooled_elements_go_back_to_their_places()
    {
        Tensor x = F32([1, 2, 1, 2], 1, 2, 3, 4);
        AttributeProto[] window = [Made.Ints("kernel_shape", 1, 2), Made.Ints("strides", 1, 2)];
        Check(Run("MaxUnpool", [x, I64([1, 2, 1, 2], 1, 2, 4, 7)], window), 0, 1, 2, 0, 3, 0, 0, 4);
        Check(Run("MaxUnpool", [x, I64([1, 2, 1, 2], 1, 4, -1, 8)], window), 0, 1, 0, 0, 0, 0, 0, 0);
        Tensor larger = Run("MaxUnpool", [x, I64([1, 2, 1, 2], 1, 2, 4, 7), I64([4], 1, 2, 1, 5)], window);
        Check(larger, 0, 1, 2, 0, 0, 3, 0, 0, 4, 0);
    }

    [Test]
    public void Slices_are_kept_where_the_condition_holds()
    {
        Tensor x = F32([2, 3], 1, 2, 3, 4, 5, 6);
        Tensor Bool(params bool[] values)
            => new(new TensorType(DType.Bool, new Shape(values.Length)), values.Select(value => value ? (byte)1 : (byte)0).ToArray());
        Check(Run("Compress", [x, Bool(false, true)], Made.Int("axis", 0)), 4, 5, 6);
        Check(Run("Compress", [x, Bool(true, false, true)], Made.Int("axis", -1)), 1, 3, 4, 6);
        Check(Run("Compress", [x, Bool(false, true, false, false, true)]), 2, 5);
        Assert.That(Run("Compress", [x, Bool(false)], Made.Int("axis", 1)).Type.Shape, Is.EqualTo(new Shape(2, 0)));
        Refused<InvalidModelException>("the condition holds at 2 of 2", () => Run("Compress", [x, Bool(false, true, true)], Made.Int("axis", 0)));
    }

    [Test]
    public void Places_that_are_not_zero_are_listed()
    {
        Tensor places = Run("NonZero", [F32([2, 3], 0, -0f, float.NaN, 1, 0, -1)]);
        Assert.That(places.Type.Shape, Is.EqualTo(new Shape(2, 3)));
        Check(places, 0, 1, 1, 2, 0, 2);
        Assert.That(Run("NonZero", [F32([], 5)]).Type.Shape, Is.EqualTo(new Shape(0, 1)));
    }

    [Test]
    public void Different_elements_are_listed_once()
    {
        Tensor x = F32([6], 2, 1, 1, 3, 4, 3);
        CheckUnique(RunMany("Unique", 4, [x]), [1, 2, 3, 4], [1, 0, 3, 4], [1, 0, 0, 2, 3, 2], [2, 1, 2, 1]);
        CheckUnique(RunMany("Unique", 4, [x], Made.Int("sorted", 0)), [2, 1, 3, 4], [0, 1, 3, 4], [0, 1, 1, 2, 3, 2], [1, 2, 2, 1]);
        Tensor odd = F32([5], float.NaN, -0f, None, 0, float.NaN);
        CheckUnique(RunMany("Unique", 4, [odd]), [None, -0f, float.NaN], [2, 1, 0], [2, 1, 0, 1, 2], [1, 2, 2]);
    }

    [Test]
    public void Different_slices_are_listed_once()
    {
        Tensor rows = F32([3, 3], 1, 0, 0, 1, 0, 0, 2, 3, 4);
        CheckUnique(RunMany("Unique", 4, [rows], Made.Int("axis", 0)), [1, 0, 0, 2, 3, 4], [0, 2], [0, 0, 1], [2, 1]);
        Tensor columns = F32([3, 3], 1, 0, 0, 1, 0, 0, 2, 3, 3);
        CheckUnique(RunMany("Unique", 4, [columns], Made.Int("axis", -1)), [0, 1, 0, 1, 3, 2], [1, 0], [1, 0, 0], [2, 1]);
        CheckUnique(RunMany("Unique", 4, [columns], Made.Int("axis", -1), Made.Int("sorted", 0)), [1, 0, 1, 0, 2, 3], [0, 1], [0, 1, 1], [1, 2]);
    }

    [Test]
    public void Boxes_give_way_to_better_ones()
    {
        float[] line = [0, 0, 1, 1, 0, .1f, 1, 1.1f, 0, -.1f, 1, .9f, 0, 10, 1, 11, 0, 10.1f, 1, 11.1f, 0, 100, 1, 101];
        Tensor boxes = F32([1, 6, 4], line);
        Tensor scores = F32([1, 1, 6], .9f, .75f, .6f, .95f, .5f, .3f);
        Tensor[] Given(Tensor where, Tensor what, long most, float overlap, float least)
            => [where, what, I64([1], most), F32([1], overlap), F32([1], least)];
        Check(Run("NonMaxSuppression", Given(boxes, scores, 3, .5f, 0)), 0, 0, 3, 0, 0, 0, 0, 0, 5);
        Check(Run("NonMaxSuppression", Given(boxes, scores, 3, .5f, .4f)), 0, 0, 3, 0, 0, 0);
        Check(Run("NonMaxSuppression", Given(boxes, scores, 1, .5f, 0)), 0, 0, 3);
        Check(Run("NonMaxSuppression", Given(boxes, scores, 9, .9f, .55f)), 0, 0, 3, 0, 0, 0, 0, 0, 1, 0, 0, 2);
        Assert.That(Run("NonMaxSuppression", [boxes, scores]).Type.Shape, Is.EqualTo(new Shape(0, 3)));
        Tensor flipped = F32([1, 2, 4], 1, 1, 0, 0, 0, .1f, 1, 1.1f);
        Check(Run("NonMaxSuppression", Given(flipped, F32([1, 1, 2], 1, 2), 3, .5f, 0)), 0, 0, 1);
        Tensor centred = F32([1, 3, 4], .5f, .5f, 1, 1, .5f, .6f, 1, 1, .5f, 10.5f, 1, 1);
        Check(Run("NonMaxSuppression", Given(centred, F32([1, 1, 3], 1, 1, 3), 3, .5f, 0), Made.Int("center_point_box", 1)), 0, 0, 2, 0, 0, 0);
        Tensor two = F32([2, 2, 2], 1, 2, 3, 1, 1, 1, float.NaN, 2);
        Tensor apart = F32([2, 2, 4], 0, 0, 1, 1, 5, 5, 6, 6, 0, 0, 1, 1, 5, 5, 6, 6);
        Check(Run("NonMaxSuppression", [apart, two, I64([], 1)]), 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0);
    }

    [Test]
    public void Bits_are_combined_moved_and_read_as_another_type()
    {
        Tensor Bytes(params byte[] values) => Tensor.Of<byte>(DType.U8, new Shape(values.Length), values);
        Check(Run("BitShift", [Bytes(16, 4, 1, 255), Bytes(1, 2, 8, 200)], Made.Text("direction", "RIGHT")), (byte)8, (byte)1, (byte)0, (byte)0);
        Check(Run("BitShift", [Bytes(16, 4, 129, 255), Bytes(1, 2, 1, 8)], Made.Text("direction", "LEFT")), (byte)32, (byte)16, (byte)2, (byte)0);
        Check(Run("BitwiseAnd", [I64([2], 12, -1), I64([], 10)]), 8, 10);
        Check(Run("BitwiseOr", [I64([2], 12, -1), I64([], 10)]), 14, -1);
        Check(Run("BitwiseXor", [I64([2], 12, -1), I64([], 10)]), 6, -11);
        Check(Run("BitwiseNot", [Bytes(0, 255, 5)]), (byte)255, (byte)0, (byte)250);
        Check(Run("BitCast", 26, [F32([3], 1, -2.5f, float.NaN)], Made.Int("to", (long)DType.I32)), 0x3F800000, unchecked((int)0xC0200000), 0x7FC00000);
        Tensor codes = Tensor.Of<int>(DType.I32, new Shape(2), -1, 0x3F800000);
        Assert.That(Run("BitCast", 26, [codes], Made.Int("to", (long)DType.F32)).As<int>().ToArray(), Is.EqualTo([0x7FC00000, 0x3F800000]));
        Refused<InvalidModelException>("elements of 8 bytes", () => Run("BitCast", 26, [codes], Made.Int("to", (long)DType.I64)));
        Refused<InvalidModelException>("takes two unsigned", () => Run("BitShift", [I64([1], 1), I64([1], 1)], Made.Text("direction", "LEFT")));
        Refused<InvalidModelException>("are not truth values", () => Run("And", [I64([1], 1), I64([1], 1)]));
        Refused<InvalidModelException>("are not truth values", () => Run("Not", [I64([1], 1)]));
        Refused<InvalidModelException>("has no integers", () => Run("BitwiseNot", [F32([1], 1)]));
    }

    [Test]
    public void Middles_are_kept_or_surrounded()
    {
        Tensor x = F32([5], 1, 2, 3, 4, 5);
        Check(Run("CenterCropPad", [x, I64([1], 3)]), 2, 3, 4);
        Check(Run("CenterCropPad", [x, I64([1], 2)]), 2, 3);
        Check(Run("CenterCropPad", [x, I64([1], 8)]), 0, 1, 2, 3, 4, 5, 0, 0);
        Tensor both = Run("CenterCropPad", [F32([3, 1], 1, 2, 3), I64([2], 2, 1)], Made.Ints("axes", -1, 0));
        Assert.That(both.Type.Shape, Is.EqualTo(new Shape(1, 2)));
        Check(both, 2, 0);
    }

    [Test]
    public void Determinants_follow_the_stated_elimination()
    {
        Check(Run("Det", [F32([2, 2], 0, 1, 2, 3)]), -2);
        Check(Run("Det", [F32([3, 2, 2], 1, 2, 3, 4, 1, 2, 2, 1, 1, 3, 3, 1)]), 3 * (2 - (4 * (1f / 3f))) * -1, -3, -8);
        Check(Run("Det", [F32([2, 2], 0, 5, -0f, 7)]), 0);
        Check(Run("Det", [F32([1, 1], -0f)]), 0);
        Check(Run("Det", [F32([2, 2], float.NaN, 1, 1, 1)]), float.NaN);
        Tensor wide = F32([129, 129], new float[129 * 129]);
        Refused<InvalidModelException>("at most 128 rows", () => Run("Det", [wide]));
    }

    private static void CheckUnique(Tensor[] got, float[] elements, long[] firsts, long[] inverse, long[] counts)
    {
        Check(got[0], elements);
        Check(got[1], firsts);
        Check(got[2], inverse);
        Check(got[3], counts);
    }

    private static void Check<T>(Tensor tensor, params T[] expected)
        where T : unmanaged
    {
        // Numbers written as integers stand for the tensor's own type; bits are compared, so zeros have signs.
        if (tensor.Type.DType == DType.F32 && typeof(T) == typeof(int))
        {
            Check(tensor, [.. expected.Select(value => (float)(int)(object)value)]);
            return;
        }

        if (tensor.Type.DType == DType.I64 && typeof(T) == typeof(int))
        {
            Check(tensor, [.. expected.Select(value => (long)(int)(object)value)]);
            return;
        }

        byte[] bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(expected).ToArray();
        Tensor.Canonicalise(tensor.Type.DType, bytes);
        Assert.That(tensor.As<T>().ToArray(), Is.EqualTo(expected));
        Assert.That(tensor.Bytes.ToArray(), Is.EqualTo(bytes), "signs of zeros, and NaN");
    }

    private static void Refused<T>(string text, Action code)
        where T : Exception => Assert.That(() => code(), Throws.TypeOf<T>().With.Message.Contains(text));

    private static Tensor Run(string op, Tensor[] inputs, params AttributeProto[] attributes) => Run(op, 25, inputs, attributes);

    private static Tensor Run(string op, int opset, Tensor[] inputs, params AttributeProto[] attributes) => RunMany(op, 1, opset, inputs, attributes)[0];

    private static Tensor[] RunMany(string op, int outputs, Tensor[] inputs, params AttributeProto[] attributes)
        => RunMany(op, outputs, 25, inputs, attributes);

    private static Tensor[] RunMany(string op, int outputs, int opset, Tensor[] inputs, params AttributeProto[] attributes)
    {
        string[] names = [.. inputs.Select((_, i) => $"x{i}")];
        string[] results = [.. Enumerable.Range(0, outputs).Select(i => $"y{i}")];
        ValueInfoProto[] declared = [.. inputs.Select((input, i) => Made.Value(names[i], input.Type.DType, [.. input.Type.Shape.Extents]))];
        ValueInfoProto[] wanted = [.. results.Select(name => new ValueInfoProto { Name = name })];
        OnnxModel model = OnnxModel.Parse(Made.Model(Made.Graph(declared, wanted, Made.Node(op, names, results, attributes)), opset).ToByteArray());
        Dictionary<string, Tensor> given = names.Zip(inputs).ToDictionary(pair => pair.First, pair => pair.Second);
        Graph graph = model.SpecializeForRun(given, new ReferenceBackend());
        return [.. new Executor(graph, new ReferenceBackend()).Run(OnnxModel.Bind(graph, given))];
    }

    private static Tensor F32(long[] extents, params float[] elements) => Tensor.Of(DType.F32, new Shape(extents), elements.AsSpan());

    private static Tensor I64(long[] extents, params long[] elements) => Tensor.Of(DType.I64, new Shape(extents), elements.AsSpan());
}
