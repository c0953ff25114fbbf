namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>A row count known to the compiler: the text of the micro-kernel is cut to it.</summary>
internal interface IRows
{
    static abstract int Count { get; }
}

internal readonly struct RowsOne : IRows
{
    public static int Count => 1;
}

internal readonly struct RowsTwo : IRows
{
    public static int Count => 2;
}

internal readonly struct RowsThree : IRows
{
    public static int Count => 3;
}

internal readonly struct RowsFour : IRows
{
    public static int Count => 4;
}

internal readonly struct RowsFive : IRows
{
    public static int Count => 5;
}

internal readonly struct RowsSix : IRows
{
    public static int Count => 6;
}

internal readonly struct RowsSeven : IRows
{
    public static int Count => 7;
}

internal readonly struct RowsEight : IRows
{
    public static int Count => 8;
}

internal readonly struct RowsNine : IRows
{
    public static int Count => 9;
}

internal readonly struct RowsTen : IRows
{
    public static int Count => 10;
}

internal readonly struct RowsEleven : IRows
{
    public static int Count => 11;
}

internal readonly struct RowsTwelve : IRows
{
    public static int Count => 12;
}
