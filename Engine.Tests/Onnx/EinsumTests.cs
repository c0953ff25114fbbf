using System.Collections.Immutable;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Einsum on integers is what the formula says, exactly; on reals its order is the stated one.</summary>
internal sealed class EinsumTests
{
    // Equation with every label written out, and one as models write it.
    [TestCase("ij->ij", "ij->ij", "2,3")]
    [TestCase("ij->ji", "ij->ji", "2,3")]
    [TestCase("ij->", "ij->", "2,3")]
    [TestCase("ij->j", "ij->j", "2,3")]
    [TestCase("ii->i", "ii->i", "3,3")]
    [TestCase("ii->", "ii->", "3,3")]
    [TestCase("iji->j", "iji->j", "3,2,3")]
    [TestCase("i,i->", "i,i", "4;4")]
    [TestCase("i,j->ij", "i,j", "3;4")]
    [TestCase("bij,bjk->bik", "bij, bjk -> bik", "2,3,4;2,4,5")]
    [TestCase("ij,jk->ki", "ij,jk->ki", "2,3;3,4")]
    [TestCase("ba,cb->ac", "ba,cb", "2,3;4,2")]
    [TestCase("xyab,xybc->xyac", "...ab,...bc->...ac", "2,3,2,4;2,3,4,5")]
    [TestCase("xyab,ybc->xyac", "...ab,...bc", "2,3,2,4;3,4,5")]
    [TestCase("abcd,cd->ab", "abcd,cd->ab", "2,3,4,5;4,5")]
    [TestCase("abcd,dc->ba", "abcd,dc->ba", "2,3,4,5;5,4")]
    [TestCase("i,ij,j->", "i,ij,j->", "3;3,4;4")]
    [TestCase("ij,jk,kl->il", "ij,jk,kl->il", "2,3;3,4;4,2")]
    [TestCase("ij,ij,ij->i", "ij,ij,ij->i", "2,3;2,3;2,3")]
    [TestCase("ijk,l->li", "ijk,l->li", "2,3,2;3")]
    [TestCase(",ij->ij", ",ij->ij", ";2,3")]
    [TestCase("->", "->", "")]
    [TestCase("bhqd,bhkd->bhqk", "bhqd,bhkd->bhqk", "2,2,3,4;2,2,5,4")]
    [TestCase("xi->i", "...i->i", "4,3")]
    public void Integers_are_exact(string written, string equation, string shapes)
    {
        Tensor[] inputs = Inputs(shapes);
        Check(written, inputs, Run(equation, inputs));
    }

    [Test]
    public void Letters_are_in_the_order_of_their_codes()
    {
        Tensor[] inputs = Inputs("2,3");
        Check("aA->Aa", inputs, Run("aA", inputs));
    }

    [Test]
    public void Extents_of_1_are_repeated()
    {
        Tensor[] inputs = Inputs("1,3;2,3");
        Tensor wide = Run("ij,ij->i", inputs);
        long[] a = inputs[0].As<long>().ToArray();
        Tensor repeated = Tensor.Of<long>(DType.I64, new Shape(2, 3), [.. a, .. a]);
        Check("ij,ij->i", [repeated, inputs[1]], wide);
        Tensor narrow = Tensor.Of<long>(DType.I64, new Shape(1, 1, 3), a);
        Tensor batch = Inputs("2,3,2")[0];
        Check("xab,xbc->xac", [Tensor.Of<long>(DType.I64, new Shape(2, 1, 3), [.. a, .. a]), batch], Run("...ab,...bc", narrow, batch));
    }

    [Test]
    public void Products_are_in_blocks_along_contracted_labels_in_order_of_appearance()
    {
        Adversarial random = new(3);
        Tensor a = random.Tensor(DType.F32, new Shape(3, 20, 30), Adversarial.Mood.Cancelling);
        Tensor b = random.Tensor(DType.F32, new Shape(30, 20), Adversarial.Mood.Cancelling);
        float[] expected = new float[3];
        for (int row = 0; row < 3; row++)
        {
            float total = 0;
            for (int from = 0; from < 600; from += 256)
            {
                float sum = 0;
                for (int k = from; k < Math.Min(from + 256, 600); k++)
                {
                    sum = MathF.FusedMultiplyAdd(a.As<float>()[(row * 600) + k], b.As<float>()[(k % 30 * 20) + (k / 30)], sum);
                }

                total += sum;
            }

            expected[row] = total;
        }

        Assert.That(Run("aij,ji->a", a, b).As<float>().ToArray(), Is.EqualTo(expected));
    }

    [TestCase("ij,jk->ik", "2,3", "is not an equation of 1 operands")]
    [TestCase("i->i->i", "2", "is not an equation of 1 operands")]
    [TestCase("ijk->i", "2,3", "'ijk' does not label 2 axes")]
    [TestCase("i1->i", "2,3", "'i1' does not label 2 axes")]
    [TestCase("ij->k", "2,3", "stand twice or nowhere")]
    [TestCase("ij->ii", "2,3", "stand twice or nowhere")]
    [TestCase("ii->i", "2,3", "stands for extents 2 and 3")]
    [TestCase("ij,jk->ik", "2,3;4,2", "stands for extents 3 and 4")]
    [TestCase("i...j...->ij", "2,3", "does not label 2 axes")]
    public void What_is_no_equation_is_refused(string equation, string shapes, string message)
        => Assert.That(() => Run(equation, Inputs(shapes)), Throws.TypeOf<InvalidModelException>().With.Message.Contains(message));

    // The sum over all values of all labels of the products of the operands' elements.
    private static void Check(string equation, Tensor[] inputs, Tensor result)
    {
        string[] sides = equation.Split("->");
        string[] terms = sides[0].Split(',');
        char[] labels = [.. sides[0].Where(char.IsAsciiLetter).Distinct()];
        Dictionary<char, long> extents = [];
        for (int i = 0; i < terms.Length; i++)
        {
            for (int axis = 0; axis < terms[i].Length; axis++)
            {
                extents[terms[i][axis]] = inputs[i].Type.Shape[axis];
            }
        }

        Shape shape = new([.. sides[1].Select(label => extents[label])]);
        long[] expected = new long[shape.Elements];
        Shape all = new([.. labels.Select(label => extents[label])]);
        for (long index = 0; index < all.Elements; index++)
        {
            long rest = index;
            Dictionary<char, long> at = [];
            foreach (char label in labels.Reverse())
            {
                (rest, at[label]) = Math.DivRem(rest, extents[label]);
            }

            long Place(string term) => term.Aggregate(0L, (place, label) => (place * extents[label]) + at[label]);
            expected[Place(sides[1])] += terms.Select((term, i) => inputs[i].As<long>()[(int)Place(term)]).Aggregate(1L, (a, b) => a * b);
        }

        Assert.That(result.Type.Shape, Is.EqualTo(shape));
        Assert.That(result.As<long>().ToArray(), Is.EqualTo(expected));
    }

    private static Tensor[] Inputs(string shapes)
    {
        long next = 1;
        return [.. shapes.Split(';').Select(text =>
        {
            Shape shape = new([.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)]);
            return Tensor.Of<long>(DType.I64, shape, [.. Enumerable.Range(0, (int)shape.Elements).Select(_ => (next = next * 7 % 31) - 15)]);
        })];
    }

    private static Tensor Run(string equation, params Tensor[] inputs)
    {
        string[] names = [.. inputs.Select((_, i) => $"x{i}")];
        ValueInfoProto[] declared = [.. inputs.Select((input, i) => Made.Value(names[i], input.Type.DType, [.. input.Type.Shape.Extents]))];
        NodeProto node = Made.Node("Einsum", names, ["y"], Made.Text("equation", equation));
        OnnxModel model = OnnxModel.Parse(Made.Model(Made.Graph(declared, [new ValueInfoProto { Name = "y" }], node)).ToByteArray());
        Graph graph = model.Specialize([.. inputs]);
        Dictionary<string, Tensor> given = names.Zip(inputs).ToDictionary(pair => pair.First, pair => pair.Second);
        ImmutableArray<Tensor> outputs = new Executor(graph, new ReferenceBackend()).Run(OnnxModel.Bind(graph, given));
        return outputs[0];
    }
}
