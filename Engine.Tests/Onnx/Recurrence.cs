namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>LSTM, GRU and RNN as ONNX's equations say them, one sequence at a time, in f64 and without an order: right where all numbers are
/// whole and small, whatever the order.</summary>
internal sealed record Recurrence(string Op, int Units, double[,] W, double[,] R, double[] B, double[]? P)
{
    /// <summary>Gates of each operator.</summary>
    public int Gates => Op switch
    {
        "LSTM" => 4,
        "GRU" => 3,
        _ => 1,
    };

    /// <summary>GRU: the reset gate is a factor of R·h. LSTM: the forget gate is one less the input gate.</summary>
    public bool Flag { get; init; }

    /// <summary>Bound of what functions are put on.</summary>
    public double Clip { get; init; } = double.PositiveInfinity;

    /// <summary>Function of the gates.</summary>
    public required Func<double, double> F { get; init; }

    /// <summary>Function of the candidate.</summary>
    public required Func<double, double> G { get; init; }

    /// <summary>Function of c.</summary>
    public required Func<double, double> H { get; init; }

    /// <summary>The largest number on the way.</summary>
    public double Largest { get; private set; }

    /// <summary>h after each step, and the last h and c.</summary>
    public (List<double[]> All, double[] Hidden, double[] Memory) Run(IEnumerable<double[]> sequence, double[] hidden, double[] memory)
    {
        List<double[]> all = [];
        foreach (double[] x in sequence)
        {
            (hidden, memory) = Step(x, hidden, memory);
            all.Add(hidden);
        }

        return (all, hidden, memory);
    }

    private (double[] Hidden, double[] Memory) Step(double[] x, double[] h, double[] c)
    {
        double[] next = new double[Units];
        double[] memory = new double[Units];
        double[] reset = [.. Enumerable.Range(0, Units).Select(j => Op == "GRU" ? F(Held(Input(1, j, x) + State(1, j, h))) : 0)];
        for (int j = 0; j < Units; j++)
        {
            double Gate(int gate, double at) => F(Held(Input(gate, j, x) + State(gate, j, h) + (P is null ? 0 : Seen(P[(gate * Units) + j] * at))));
            switch (Op)
            {
                case "LSTM":
                    double input = Gate(0, c[j]);
                    double forget = Flag ? 1 - input : Gate(2, c[j]);
                    double candidate = G(Held(Input(3, j, x) + State(3, j, h)));
                    memory[j] = Seen((forget * c[j]) + (input * candidate));
                    next[j] = Seen(Gate(1, memory[j]) * H(Held(memory[j])));
                    break;
                case "GRU":
                    double update = F(Held(Input(0, j, x) + State(0, j, h)));
                    double state = Flag ? Seen(reset[j] * State(2, j, h)) : State(2, j, [.. h.Select((value, k) => Seen(reset[k] * value))]);
                    next[j] = Seen(((1 - update) * G(Held(Input(2, j, x) + state))) + (update * h[j]));
                    break;
                default:
                    next[j] = F(Held(Input(0, j, x) + State(0, j, h)));
                    break;
            }
        }

        return (next, memory);
    }

    private double Input(int gate, int j, double[] x) => Dot(W, (gate * Units) + j, x) + B[(gate * Units) + j];

    private double State(int gate, int j, double[] h) => Dot(R, (gate * Units) + j, h) + B[((Gates + gate) * Units) + j];

    private double Dot(double[,] rows, int row, double[] x) => Seen(Enumerable.Range(0, x.Length).Sum(k => Seen(rows[row, k] * x[k])));

    private double Held(double x) => Math.Clamp(Seen(x), -Clip, Clip);

    private double Seen(double x)
    {
        Largest = Math.Max(Largest, Math.Abs(x));
        return x;
    }
}
